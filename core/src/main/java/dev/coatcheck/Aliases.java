package dev.coatcheck;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The classes that the record knows by a name of the application's choice. Immutable. */
final class Aliases {
    private static final Pattern GRAMMAR = Pattern.compile("[A-Za-z0-9._-]{2,64}");

    private final Map<String, Class<?>> types = new HashMap<>();
    private final Map<Class<?>, String> names = new HashMap<>();

    /** Of aliases without {@link #faults}. */
    Aliases(List<Settings.Alias> aliases) {
        for (Settings.Alias alias : aliases) {
            types.put(alias.name(), alias.type());
            names.put(alias.type(), alias.name());
        }
        // A sealed interface's alias stands for all its classes, save those that have one of their own.
        for (Settings.Alias alias : aliases) {
            nameClassesOf(alias.type(), alias.name());
        }
    }

    private void nameClassesOf(Class<?> type, String name) {
        if (type.isSealed() && TypeCheck.isAbstract(type)) {
            for (Class<?> permitted : type.getPermittedSubclasses()) {
                names.putIfAbsent(permitted, name);
                nameClassesOf(permitted, name);
            }
        }
    }

    static List<String> faults(List<Settings.Alias> aliases) {
        List<String> faults = new ArrayList<>();
        Map<String, Class<?>> seen = new LinkedHashMap<>();
        Set<Class<?>> types = new HashSet<>();
        for (Settings.Alias alias : aliases) {
            String what = "type(" + AttributeNames.quoted(alias.name()) + ", "
                    + alias.type().getTypeName() + "): ";
            if (!GRAMMAR.matcher(alias.name()).matches()) {
                faults.add(what + "an alias has 2 to 64 characters of A-Z a-z 0-9 . _ -");
            }
            Class<?> other = seen.putIfAbsent(alias.name(), alias.type());
            if (other != null) {
                faults.add(what + "the alias is taken by " + other.getTypeName());
            }
            if (!types.add(alias.type())) {
                faults.add(what + "the class has another alias");
            }
            String fault = TypeCheck.fault(alias.type());
            if (fault != null) {
                faults.add(what + fault);
            }
        }
        return faults;
    }

    @Nullable
    Class<?> type(String alias) {
        return types.get(alias);
    }

    /** The alias of a declared class. */
    @Nullable
    String name(Class<?> type) {
        return names.get(type);
    }

    /** The alias of a value's class. */
    @Nullable
    String nameOf(Object value) {
        return names.get(value instanceof Enum<?> constant ? constant.getDeclaringClass() : value.getClass());
    }
}

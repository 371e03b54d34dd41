package dev.coatcheck;

import java.lang.reflect.RecordComponent;
import java.util.HashSet;
import java.util.Set;

/** Which classes cannot change once made, as far as their declarations say: nobody needs to compare these at commit. */
final class Immutability {
    private static final ClassValue<Boolean> KNOWN = new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
            return isImmutable(type, new HashSet<>());
        }
    };

    private Immutability() {}

    /** False whenever in doubt. */
    static boolean isImmutable(Class<?> type) {
        return KNOWN.get(type);
    }

    private static boolean isImmutable(Class<?> type, Set<Class<?>> asked) {
        if (type.isPrimitive() || Enum.class.isAssignableFrom(type)) {
            return true;
        }
        if (Scalar.of(type) != null) {
            return type != byte[].class;
        }
        if (!asked.add(type)) {
            return true; // within itself; the outer question decides
        }
        if (type.isRecord()) {
            for (RecordComponent component : type.getRecordComponents()) {
                if (!isImmutable(component.getType(), asked)) {
                    return false;
                }
            }
            return true;
        }
        return type.isSealed() && TypeCheck.isAbstract(type) && areImmutable(type.getPermittedSubclasses(), asked);
    }

    private static boolean areImmutable(Class<?>[] types, Set<Class<?>> asked) {
        for (Class<?> type : types) {
            if (!isImmutable(type, asked)) {
                return false;
            }
        }
        return true;
    }
}

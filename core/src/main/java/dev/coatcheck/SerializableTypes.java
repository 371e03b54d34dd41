package dev.coatcheck;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The classes whose objects {@link Session.Untyped#set} stores by the JDK's serialization, for applications whose
 * attributes cannot be described by a {@link SessionKey} or an alias. Nothing is serialized unless a manager is given one of
 * these, and nothing is read that is not on it. Everyday values and collections of the JDK and arrays of what is listed need no
 * line; enums, records and serializable superclasses do.
 *
 * <p>Safe for use by many threads.
 */
public final class SerializableTypes {
    private static final Pattern NAME =
            Pattern.compile("[\\p{L}_$][\\p{L}\\p{N}_$]*(\\.[\\p{L}_$][\\p{L}\\p{N}_$]*)*(\\.\\*)?");
    private static final String FILE = "file:";
    private static final String PROFILE = "profile:";

    private final Set<String> classes;
    /** With the dot at the end. */
    private final Set<String> packages;

    private final @Nullable LearnedTypes learned;

    private SerializableTypes(Set<String> classes, Set<String> packages, @Nullable LearnedTypes learned) {
        this.classes = Set.copyOf(classes);
        this.packages = Set.copyOf(packages);
        this.learned = learned;
    }

    /**
     * Names of classes as {@link Class#getName} says them, {@code com.shop.Cart} or {@code com.shop.Cart$Line}, and packages
     * without those below them, {@code com.shop.model.*}. Nothing at all allows the JDK's everyday values alone.
     *
     * @throws IllegalArgumentException with every line that is neither, that would allow a whole package of the platform or of
     *     a framework, or that names a class known for harm; such classes are named one by one, or not at all
     */
    public static SerializableTypes of(String... names) {
        return ofLines(List.of(names), "");
    }

    /**
     * As {@link #of}, one to a line of a UTF-8 file; what follows a {@code #} is a comment.
     *
     * @throws IllegalArgumentException when a line is refused or the file cannot be read
     */
    public static SerializableTypes file(Path file) {
        return ofLines(lines(file), file + ": ");
    }

    /**
     * The classes that Spring Security 6.5 and 7 keep in a session: contexts, authentications, authorities and users, saved
     * requests, CSRF tokens. Users and authorities of the application's own are to be named besides.
     */
    public static SerializableTypes springSecurity() {
        return new SerializableTypes(KnownTypes.SPRING_SECURITY, Set.of(), null);
    }

    /**
     * The text of a setting: what {@link #of} takes, {@code file:/path} and {@code profile:spring-security}, with commas
     * between them.
     *
     * @throws IllegalArgumentException as {@link #of} and {@link #file}, and for a profile that is none
     */
    public static SerializableTypes parse(String text) {
        List<String> names = new ArrayList<>();
        SerializableTypes all = of();
        for (String part : text.split(",", -1)) {
            String one = part.strip();
            if (one.startsWith(FILE)) {
                all = all.and(file(Path.of(one.substring(FILE.length()))));
            } else if (one.equals(PROFILE + "spring-security")) {
                all = all.and(springSecurity());
            } else if (one.startsWith(PROFILE)) {
                throw new IllegalArgumentException(SafeText.quote(one) + ": the known profile is spring-security");
            } else {
                names.add(one);
            }
        }
        return all.and(ofLines(names, ""));
    }

    /**
     * What either allows. Of two that learn, the other's file is the one that is written.
     */
    public SerializableTypes and(SerializableTypes other) {
        return new SerializableTypes(
                union(classes, other.classes),
                union(packages, other.packages),
                other.learned == null ? learned : other.learned);
    }

    /**
     * For a test run, never for production: every class that is set is taken and its name added to the file, at the end of the
     * request, sorted, beside the names that are in it already. Only what these types do not allow is written, so the file goes with them. Reading is as
     * strict as ever: it takes what is allowed, what the file had, and what this process itself has written.
     *
     * @throws IllegalArgumentException when a line of the file is refused, or it cannot be written
     */
    public SerializableTypes learning(Path file) {
        SerializableTypes known = Files.exists(file) ? and(file(file)) : this;
        return new SerializableTypes(known.classes, known.packages, new LearnedTypes(file));
    }

    /** Whether objects of a class, by its name, may be read. */
    boolean allows(String name) {
        if (KnownTypes.isRefused(name)) {
            return false;
        }
        return KnownTypes.EVERYDAY.contains(name)
                || classes.contains(name)
                || packages.contains(name.substring(0, name.lastIndexOf('.') + 1))
                || learned != null && learned.knows(name);
    }

    /** What learns, in a test run. */
    @Nullable
    LearnedTypes learned() {
        return learned;
    }

    /** How many are named. */
    @Override
    public String toString() {
        return "SerializableTypes[" + classes.size() + " classes, " + packages.size() + " packages"
                + (learned == null ? "]" : ", learning]");
    }

    static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream()
                    .map(line -> line.replaceFirst("#.*", "").strip())
                    .filter(line -> !line.isEmpty())
                    .toList();
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "the file " + SafeText.quote(file.toString()) + " cannot be read: "
                            + e.getClass().getSimpleName(),
                    e);
        }
    }

    private static SerializableTypes ofLines(Collection<String> lines, String where) {
        List<String> faults = new ArrayList<>();
        Set<String> classes = new TreeSet<>();
        Set<String> packages = new TreeSet<>();
        for (String line : lines) {
            String fault = fault(line);
            if (fault != null) {
                faults.add(where + SafeText.quote(line) + ": " + fault);
            } else if (line.endsWith(".*")) {
                packages.add(line.substring(0, line.length() - 1));
            } else {
                classes.add(line);
            }
        }
        if (!faults.isEmpty()) {
            throw new IllegalArgumentException("serializable: " + String.join("; ", faults));
        }
        return new SerializableTypes(classes, packages, null);
    }

    private static @Nullable String fault(String line) {
        if (!NAME.matcher(line).matches()) {
            return "a class as com.shop.Cart, or one package as com.shop.model.*";
        }
        if (line.endsWith(".*") && KnownTypes.isPlatform(line)) {
            return "a package of the platform or a framework: name the classes one by one";
        }
        return KnownTypes.isRefused(line) ? "never read from a store: known for harm" : null;
    }

    private static Set<String> union(Set<String> one, Set<String> other) {
        Set<String> both = new TreeSet<>(one);
        both.addAll(other);
        return both;
    }
}

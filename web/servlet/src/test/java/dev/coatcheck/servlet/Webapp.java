package dev.coatcheck.servlet;

import dev.coatcheck.SessionManager;
import dev.coatcheck.memcached.MemcachedClient;
import dev.coatcheck.store.memcached.MemcachedSessionStore;
import jakarta.servlet.Filter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EventListener;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/**
 * An application as it is packed: a folder with a {@code web.xml}. Its classes are those of the tests, or, with our jars,
 * what it brings and the container has.
 */
final class Webapp {
    /** The names of initializers that other jars of the tests' class path bring. */
    static final String NOT_OURS = "org\\..*|io\\..*";

    /** A class of each of our jars. */
    private static final List<Class<?>> OURS =
            List.of(SessionFilter.class, SessionManager.class, MemcachedSessionStore.class, MemcachedClient.class);

    /** Filters on every path, with their init parameters, in their order. */
    final Map<Class<? extends Filter>, Map<String, String>> filters = new LinkedHashMap<>();

    final List<Class<? extends EventListener>> listeners = new ArrayList<>();

    private final List<Class<?>> classes = new ArrayList<>();
    private boolean ourJars;

    Webapp filter(Class<? extends Filter> type, Map<String, String> parameters) {
        filters.put(type, parameters);
        return this;
    }

    Webapp listener(Class<? extends EventListener> type) {
        listeners.add(type);
        return this;
    }

    /** With our jars in {@code WEB-INF/lib} and its servlet and listeners in {@code WEB-INF/classes}. */
    Webapp withOurJars() {
        ourJars = true;
        return this;
    }

    /** Another class, which is declared nowhere. */
    Webapp withClass(Class<?> type) {
        classes.add(type);
        return this;
    }

    /** The tests' class loader; without anything of ours, as a container's is, for an application with our jars. */
    ClassLoader containersLoader() {
        return ourJars ? new WithoutOurs(OURS) : Webapp.class.getClassLoader();
    }

    Path unpacked() {
        try {
            Path folder = created(Files.createTempDirectory("coatcheck-webapp"));
            Path inner = created(Files.createDirectory(folder.resolve("WEB-INF")));
            created(Files.writeString(inner.resolve("web.xml"), xml()));
            if (ourJars) {
                Path lib = created(Files.createDirectory(inner.resolve("lib")));
                for (Class<?> ours : OURS) {
                    jar(WithoutOurs.source(ours), created(lib.resolve(ours.getPackageName() + ".jar")));
                }
                Path own = created(Files.createDirectory(inner.resolve("classes")));
                for (String part : PackedPage.class.getPackageName().split("\\.", -1)) {
                    own = created(Files.createDirectory(own.resolve(part)));
                }
                classes.add(PackedPage.class);
                classes.add(PackedListener.class);
                for (Class<?> type : classes) {
                    String file = type.getSimpleName() + ".class";
                    try (InputStream bytes = Objects.requireNonNull(type.getResourceAsStream(file), file)) {
                        Files.copy(bytes, created(own.resolve(file)));
                    }
                }
            }
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path created(Path path) {
        path.toFile().deleteOnExit();
        return path;
    }

    /** Packs classes as the build does, where it has not yet. */
    private static void jar(Path source, Path jar) throws IOException {
        if (!Files.isDirectory(source)) {
            Files.copy(source, jar);
            return;
        }
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
                Stream<Path> files = Files.walk(source)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                out.putNextEntry(new JarEntry(source.relativize(file).toString().replace('\\', '/')));
                Files.copy(file, out);
            }
        }
    }

    private String xml() {
        StringBuilder xml =
                new StringBuilder("<web-app xmlns=\"https://jakarta.ee/xml/ns/jakartaee\" version=\"6.1\">\n");
        filters.forEach((type, parameters) -> {
            String name = "<filter-name>" + type.getName() + "</filter-name>";
            xml.append("<filter>")
                    .append(name)
                    .append("<filter-class>")
                    .append(type.getName())
                    .append("</filter-class><async-supported>true</async-supported>");
            parameters.forEach((key, value) -> xml.append("<init-param><param-name>")
                    .append(key)
                    .append("</param-name><param-value>")
                    .append(value)
                    .append("</param-value></init-param>"));
            xml.append("</filter>\n<filter-mapping>").append(name).append("<url-pattern>/*</url-pattern>");
            for (String dispatcher : List.of("REQUEST", "FORWARD", "INCLUDE", "ERROR", "ASYNC")) {
                xml.append("<dispatcher>").append(dispatcher).append("</dispatcher>");
            }
            xml.append("</filter-mapping>\n");
        });
        listeners.forEach(type -> xml.append("<listener><listener-class>")
                .append(type.getName())
                .append("</listener-class></listener>\n"));
        String name = "<servlet-name>page</servlet-name>";
        return xml.append("<servlet>")
                .append(name)
                .append("<servlet-class>")
                .append(PackedPage.class.getName())
                .append("</servlet-class><async-supported>true</async-supported></servlet>\n<servlet-mapping>")
                .append(name)
                .append("<url-pattern>/</url-pattern></servlet-mapping>\n</web-app>\n")
                .toString();
    }
}

package dev.coatcheck.frameworks;

import java.util.List;

/**
 * What a web application may see of the tests' class path, as in a server: the Servlet API, the log, the server and
 * Coatcheck. Frameworks come from the application itself, so that each node has them once, as in a process of its own.
 */
final class SharedClasses extends ClassLoader {
    private static final List<String> SHARED =
            List.of("jakarta.servlet.", "org.slf4j.", "org.eclipse.jetty.", "dev.coatcheck.");

    SharedClasses() {
        super(ClassLoader.getPlatformClassLoader());
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        if (SHARED.stream().noneMatch(name::startsWith) || name.startsWith("dev.coatcheck.frameworks.")) {
            throw new ClassNotFoundException(name);
        }
        return SharedClasses.class.getClassLoader().loadClass(name);
    }
}

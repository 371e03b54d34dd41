package dev.coatcheck.frameworks;

import dev.coatcheck.servlet.SessionFilter;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** An application as it is packed: pages and a descriptor, its classes, and the jars of its framework. */
final class Webapp {
    private final String name;
    private final String jars;

    /**
     * @param name of the folder with its pages, and of the package with its classes
     * @param jars which of the tests' class path belong to it, by path
     */
    Webapp(String name, String jars) {
        this.name = name;
        this.jars = jars;
    }

    /** Lays it out in an empty folder, with the filter set by these parameters. */
    void unpack(Path folder, Map<String, String> parameters) throws IOException {
        copy(resource("webapps/" + name), folder);
        Path classes = folder.resolve("WEB-INF/classes/dev/coatcheck/frameworks/" + name);
        copy(resource("dev/coatcheck/frameworks/" + name), classes);
        Path lib = Files.createDirectories(folder.resolve("WEB-INF/lib"));
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            Path jar = Path.of(entry);
            if (entry.matches(jars) && !jar.getFileName().toString().startsWith("jakarta.servlet-api")) {
                Files.copy(jar, lib.resolve(jar.getFileName()));
            }
        }
        Path descriptor = folder.resolve("WEB-INF/web.xml");
        Files.writeString(descriptor, Files.readString(descriptor).replace("<!-- filter -->", filter(parameters)));
    }

    private static Path resource(String path) throws IOException {
        try {
            return Path.of(Objects.requireNonNull(Webapp.class.getClassLoader().getResource(path), path)
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = to.resolve(from.relativize(file));
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
        }
    }

    private static String filter(Map<String, String> parameters) {
        StringBuilder xml = new StringBuilder("<filter><filter-name>coatcheck</filter-name><filter-class>"
                + SessionFilter.class.getName() + "</filter-class><async-supported>true</async-supported>");
        parameters.forEach((key, value) -> xml.append("<init-param><param-name>" + key + "</param-name><param-value>"
                + value + "</param-value></init-param>"));
        xml.append("</filter><filter-mapping><filter-name>coatcheck</filter-name><url-pattern>/*</url-pattern>");
        for (String dispatcher : List.of("REQUEST", "FORWARD", "INCLUDE", "ERROR", "ASYNC")) {
            xml.append("<dispatcher>" + dispatcher + "</dispatcher>");
        }
        return xml.append("</filter-mapping>").toString();
    }
}

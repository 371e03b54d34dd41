package dev.coatcheck.servlet;

import jakarta.servlet.Filter;
import jakarta.servlet.ServletContextListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An application as it is packed: a folder with a {@code web.xml}; its classes are those of the tests. */
final class Webapp {
    /** The names of initializers that other jars of the tests' class path bring. */
    static final String NOT_OURS = "org\\..*|io\\..*";

    /** Filters on every path, with their init parameters, in their order. */
    final Map<Class<? extends Filter>, Map<String, String>> filters = new LinkedHashMap<>();

    final List<Class<? extends ServletContextListener>> listeners = new ArrayList<>();

    Webapp filter(Class<? extends Filter> type, Map<String, String> parameters) {
        filters.put(type, parameters);
        return this;
    }

    Webapp listener(Class<? extends ServletContextListener> type) {
        listeners.add(type);
        return this;
    }

    Path unpacked() {
        try {
            Path folder = Files.createTempDirectory("coatcheck-webapp");
            Path inner = Files.createDirectory(folder.resolve("WEB-INF"));
            Path xml = Files.writeString(inner.resolve("web.xml"), xml());
            folder.toFile().deleteOnExit();
            inner.toFile().deleteOnExit();
            xml.toFile().deleteOnExit();
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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

package dev.coatcheck.servlet;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;

/** The tests' class loader with nothing of ours in it, as a container's is. */
final class WithoutOurs extends ClassLoader {
    private final List<String> sources;

    /** @param ours a class of each jar that is not to be seen */
    WithoutOurs(List<Class<?>> ours) {
        super(WithoutOurs.class.getClassLoader());
        sources = ours.stream().map(each -> source(each).toString()).toList();
    }

    /** The jar or folder that a class comes from. */
    static Path source(Class<?> type) {
        try {
            return Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (name.startsWith("dev.coatcheck.")) {
            throw new ClassNotFoundException(name);
        }
        return super.loadClass(name, resolve);
    }

    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
        return Collections.enumeration(Collections.list(super.getResources(name)).stream()
                .filter(url -> sources.stream().noneMatch(url.getPath()::contains))
                .toList());
    }
}

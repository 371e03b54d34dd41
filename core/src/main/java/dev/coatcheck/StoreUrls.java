package dev.coatcheck;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.ServiceLoader;
import java.util.TreeSet;

/** Finds the provider of a store's URL. */
final class StoreUrls {
    private StoreUrls() {}

    static SessionStore open(String url) {
        int colon = url.indexOf(':');
        String scheme = colon < 0 ? "" : url.substring(0, colon).toLowerCase(Locale.ROOT);
        List<SessionStoreProvider> providers = new ArrayList<>();
        // The library's own loader comes second: in a container the context loader is the one that sees the stores.
        ServiceLoader.load(SessionStoreProvider.class).forEach(providers::add);
        ServiceLoader.load(SessionStoreProvider.class, SessionStore.class.getClassLoader())
                .forEach(providers::add);
        TreeSet<String> known = new TreeSet<>();
        for (SessionStoreProvider provider : providers) {
            if (provider.schemes().contains(scheme)) {
                return provider.open(url);
            }
            known.addAll(provider.schemes());
        }
        // A URL may hold a password, so only the scheme is repeated.
        throw new IllegalArgumentException(
                colon < 0
                        ? "A store's URL begins with a scheme and a colon; known schemes: " + String.join(", ", known)
                        : "No store is known for the scheme '" + scheme + "'; known schemes: "
                                + String.join(", ", known));
    }
}

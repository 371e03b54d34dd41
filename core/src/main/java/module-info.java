/** HTTP sessions kept in a store that may forget, die or be read by strangers: the session, its cookie, its seal. */
module dev.coatcheck {
    requires com.github.benmanes.caffeine;
    requires org.slf4j;
    requires tools.jackson.core;
    requires tools.jackson.databind;
    requires tools.jackson.dataformat.cbor;
    requires static transitive org.jspecify;

    exports dev.coatcheck;

    uses dev.coatcheck.DeviceLabels;
    uses dev.coatcheck.SessionStoreProvider;

    provides dev.coatcheck.SessionStoreProvider with
            dev.coatcheck.EmbeddedSessionStore.Provider,
            dev.coatcheck.TieredSessionStore.Provider;
}

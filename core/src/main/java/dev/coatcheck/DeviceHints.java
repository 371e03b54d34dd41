package dev.coatcheck;

import java.util.List;
import java.util.ServiceLoader;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is noted of a device at sign-in, as the settings want it. */
final class DeviceHints {
    private static final Logger LOG = LoggerFactory.getLogger(SessionManager.class);

    /** A longer header is no browser's. */
    private static final int MAX_HEADER_CHARS = 2_048;

    private final @Nullable Function<String, @Nullable String> label;
    private final boolean address;

    /** @param label null for that of a {@link DeviceLabels} that is there, if one is */
    DeviceHints(@Nullable Function<String, @Nullable String> label, boolean address) {
        this.label = label == null ? found() : label;
        this.address = address;
    }

    private static @Nullable Function<String, @Nullable String> found() {
        for (DeviceLabels labels : ServiceLoader.load(DeviceLabels.class)) {
            return labels::label;
        }
        return null;
    }

    DeviceHint of(SessionExchange exchange) {
        return new DeviceHint(label(exchange), address ? exchange.remoteAddress() : null);
    }

    private @Nullable String label(SessionExchange exchange) {
        Function<String, @Nullable String> namer = label;
        if (namer == null) {
            return null;
        }
        List<String> userAgent = exchange.requestHeaders("User-Agent");
        if (userAgent.isEmpty() || userAgent.get(0).length() > MAX_HEADER_CHARS) {
            return null;
        }
        try {
            return namer.apply(userAgent.get(0));
        } catch (RuntimeException | LinkageError e) { // no label is worth a sign-in
            LOG.warn("The label of a device could not be made: {}", e.getClass().getName());
            return null;
        }
    }
}

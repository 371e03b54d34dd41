package dev.coatcheck;

import org.jspecify.annotations.Nullable;

/**
 * Names devices by their user agent. Found by {@link java.util.ServiceLoader} where
 * {@link SessionManager.Builder#deviceLabel} is not set. Implementations are safe for use by many threads.
 */
public interface DeviceLabels {

    /**
     * What a user would call the device, as {@code Firefox on Linux}.
     *
     * @param userAgent the {@code User-Agent} header as it came: anybody can send anything, up to 2,048 characters
     * @return null for what cannot be told
     */
    @Nullable
    String label(String userAgent);
}

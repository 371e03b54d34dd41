package dev.coatcheck.demo;

import dev.coatcheck.Device;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * A device as the page of devices shows it.
 *
 * @param handle what its form sends; of use to its own user alone
 * @param name what the device calls itself, as far as it can be told
 * @param current whether the page is read on it
 */
public record DeviceRow(
        String handle,
        String name,
        boolean current,
        String signedInAt,
        String signedIn,
        String lastSeenAt,
        String lastSeen) {

    static DeviceRow of(Device device, Instant now) {
        String label = device.label();
        return new DeviceRow(
                device.id(),
                label == null ? "A device of unknown make" : label,
                device.current(),
                seconds(device.signedInAt()),
                Row.ago(device.signedInAt(), now),
                seconds(device.lastSeenAt()),
                Row.ago(device.lastSeenAt(), now));
    }

    private static String seconds(Instant moment) {
        return moment.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}

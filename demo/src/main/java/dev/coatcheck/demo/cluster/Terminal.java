package dev.coatcheck.demo.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How large the terminal is.
 *
 * @param rows lines
 * @param columns characters a line
 */
record Terminal(int rows, int columns) {
    private static final Terminal USUAL = new Terminal(24, 80);
    private static final Pattern SIZE = Pattern.compile("([1-9][0-9]{0,3}) ([1-9][0-9]{0,3})\\s*");

    /** As it is now; a usual one where it does not tell. */
    static Terminal now() {
        try {
            Process stty = new ProcessBuilder("/bin/sh", "-c", "stty size </dev/tty")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            Matcher size = SIZE.matcher(new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
            return size.matches()
                    ? new Terminal(Integer.parseInt(size.group(1)), Integer.parseInt(size.group(2)))
                    : USUAL;
        } catch (IOException noShell) {
            return USUAL;
        }
    }
}

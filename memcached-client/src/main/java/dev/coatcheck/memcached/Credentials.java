package dev.coatcheck.memcached;

import java.nio.charset.StandardCharsets;

/** User name and password of memcached's ASCII authentication ({@code -Y}); empty when none is set. */
record Credentials(String user, String password) {
    static final Credentials NONE = new Credentials("", "");

    private static final int MAX_BYTES = 250;

    Credentials {
        if (!isUsable(user) || !isUsable(password) || user.isEmpty() != password.isEmpty()) {
            throw new IllegalArgumentException(
                    "credentials: user name and password are both needed, without blanks and control characters, of at most "
                            + MAX_BYTES + " bytes each");
        }
    }

    private static boolean isUsable(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES
                && text.chars().allMatch(c -> c > ' ' && c != 0x7F);
    }

    boolean areSet() {
        return !user.isEmpty();
    }

    /** What is sent to a server that asks for them. */
    byte[] command() {
        String data = user + " " + password;
        int length = data.getBytes(StandardCharsets.UTF_8).length;
        return ("set auth 0 0 " + length + "\r\n" + data + "\r\n").getBytes(StandardCharsets.UTF_8);
    }

    /** Hides both. */
    @Override
    public String toString() {
        return "Credentials[hidden]";
    }
}

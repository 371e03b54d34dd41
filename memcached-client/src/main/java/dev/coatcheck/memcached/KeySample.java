package dev.coatcheck.memcached;

import java.io.IOException;

/**
 * The newest few keys of each size of item, by {@code stats cachedump}: the one place where a server tells whose the items are.
 *
 * @param seen how many there were
 * @param foreign how many do not begin as ours do
 */
record KeySample(int seen, int foreign) {
    private static final int KEYS_OF_A_CLASS = 20;
    private static final KeySample NONE = new KeySample(0, 0);

    static String commands(int[] classes) {
        StringBuilder commands = new StringBuilder();
        for (int number : classes) {
            commands.append("stats cachedump ")
                    .append(number)
                    .append(' ')
                    .append(KEYS_OF_A_CLASS)
                    .append("\r\n");
        }
        return commands.toString();
    }

    /** Nothing where the server does not show keys, or shows what is none; the rest of its answers is not read then. */
    static KeySample read(ReplyInput in, int classes, String ownPrefix) throws IOException {
        int seen = 0;
        int foreign = 0;
        try {
            for (int i = 0; i < classes; i++) {
                for (int keys = 0; ; keys++) {
                    ReplyLine line = in.line();
                    line.next();
                    if (line.is("END")) {
                        break;
                    }
                    if (!line.is("ITEM") || !line.next() || keys == KEYS_OF_A_CLASS) {
                        return NONE;
                    }
                    seen++;
                    foreign += line.word().startsWith(ownPrefix) ? 0 : 1;
                }
            }
        } catch (MalformedReplyException e) {
            return NONE;
        }
        return new KeySample(seen, foreign);
    }
}

package dev.coatcheck.memcached;

import java.nio.charset.StandardCharsets;

/** One line of a server, read word by word: single blanks between words, no sign but a minus, no number too long. */
final class ReplyLine {
    private static final int MAX_SHOWN = 100;

    private final byte[] bytes;
    private final int start;
    private final int end;
    private int wordStart;
    private int wordEnd;

    ReplyLine(byte[] bytes, int start, int end) {
        this.bytes = bytes;
        this.start = start;
        this.end = end;
        wordStart = start;
        wordEnd = start - 1;
    }

    /** Goes on to the next word, if there is one. */
    boolean next() throws MalformedReplyException {
        if (wordEnd == end) {
            return false;
        }
        wordStart = wordEnd + 1;
        wordEnd = wordStart;
        while (wordEnd < end && bytes[wordEnd] != ' ') {
            wordEnd++;
        }
        if (wordEnd == wordStart) {
            throw new MalformedReplyException("An empty word in a line");
        }
        return true;
    }

    /** The word's first character. */
    char first() {
        return (char) (bytes[wordStart] & 0xFF);
    }

    boolean is(String word) {
        return matches(word, 0);
    }

    /** Whether the word is its first character and then this text. */
    boolean restIs(String text) {
        return matches(text, 1);
    }

    private boolean matches(String text, int from) {
        int length = text.length();
        if (wordEnd - wordStart - from != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (bytes[wordStart + from + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** The word as a number without a sign, of up to 64 bits. */
    long number() throws MalformedReplyException {
        return number(wordStart);
    }

    /** The number behind the word's first character. */
    long restNumber() throws MalformedReplyException {
        return number(wordStart + 1);
    }

    private long number(int from) throws MalformedReplyException {
        int digits = wordEnd - from;
        if (digits < 1 || digits > 20) {
            throw new MalformedReplyException("A number of " + digits + " digits");
        }
        long value = 0;
        for (int i = from; i < wordEnd; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit > 9) {
                throw new MalformedReplyException("A number with another character");
            }
            if (Long.compareUnsigned(value, Long.divideUnsigned(-1L - digit, 10)) > 0) {
                throw new MalformedReplyException("A number of more than 64 bits");
            }
            value = value * 10 + digit;
        }
        return value;
    }

    /** Whether the number behind the word's first character is {@code -1}. */
    boolean restIsMinusOne() {
        return wordEnd - wordStart == 3 && bytes[wordStart + 1] == '-' && bytes[wordStart + 2] == '1';
    }

    /** The word as text. */
    String word() {
        return new String(bytes, wordStart, wordEnd - wordStart, StandardCharsets.US_ASCII);
    }

    /** What is behind the word and its blank. */
    String rest() {
        int from = Math.min(wordEnd + 1, end);
        return new String(bytes, from, end - from, StandardCharsets.US_ASCII);
    }

    /** The start of the line for a message: visible ASCII alone. */
    String shown() {
        StringBuilder text = new StringBuilder();
        for (int i = start; i < Math.min(end, start + MAX_SHOWN); i++) {
            text.append(bytes[i] >= ' ' && bytes[i] < 0x7F ? (char) bytes[i] : '?');
        }
        return text.toString();
    }
}

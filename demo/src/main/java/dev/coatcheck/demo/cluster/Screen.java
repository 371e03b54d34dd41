package dev.coatcheck.demo.cluster;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * One page that changes in place, with a line below in which the user types. The terminal's second screen: what was there before comes
 * back at the end.
 */
final class Screen implements Display {
    private static final String ESC = "\u001b";
    private static final String BEGIN = ESC + "[?1049h";
    private static final String END = ESC + "[?1049l";
    private static final String KEEP_CURSOR = ESC + "7" + ESC + "[?25l" + ESC + "[H";
    private static final String CURSOR_BACK = ESC + "8" + ESC + "[?25h";
    private static final String REST_OF_LINE = ESC + "[K";

    /** Of so many lines one tells what has happened. */
    private static final int ROWS_A_NEWS = 8;

    private static final int UPDATES_A_SIZE = 8;

    private final PrintStream out;
    private final List<String> head;
    private final News news;
    private final Supplier<Terminal> size;
    private final boolean colours;
    private Terminal terminal;
    private int updates;
    private String said = "";
    private List<String> before = List.of();

    /**
     * @param out which must send what it is given in one piece
     * @param head lines at the top
     * @param news what has happened
     * @param size how large the terminal is
     */
    Screen(PrintStream out, List<String> head, News news, Supplier<Terminal> size, boolean colours) {
        this.out = out;
        this.head = head;
        this.news = news;
        this.size = size;
        this.colours = colours;
        terminal = size.get();
        out.print(BEGIN);
        prompt();
    }

    @Override
    public Duration period() {
        return Duration.ofMillis(250);
    }

    @Override
    public void update(View view) {
        if (updates++ % UPDATES_A_SIZE == 0) {
            Terminal now = size.get();
            if (!now.equals(terminal)) {
                terminal = now;
                before = List.of();
                prompt();
            }
        }
        List<String> page = page(view);
        if (!page.equals(before)) {
            before = page;
            draw(page);
        }
    }

    @Override
    public void all(View view) {
        said = "";
        terminal = size.get();
        prompt();
        before = page(view);
        draw(before);
    }

    @Override
    public void say(String text) {
        said = text;
        prompt();
    }

    @Override
    public void end() {
        out.print(END);
        out.flush();
    }

    /** How many lines the page has: below are the prompt, and the line that Enter leads to. */
    private int rows() {
        return Math.max(1, terminal.rows() - 2);
    }

    private List<String> page(View view) {
        List<String> page = new ArrayList<>(head);
        page.add("");
        page.addAll(view.nodes());
        page.add("");
        page.addAll(view.counters());
        page.add("");
        List<String> end = new ArrayList<>(news.newest(rows() / ROWS_A_NEWS));
        end.add(0, "");
        end.add(said);
        page.addAll(fitting(view.copies(), rows() - page.size() - end.size()));
        while (page.size() + end.size() < rows()) {
            page.add("");
        }
        page.addAll(end);
        return page.subList(0, Math.min(page.size(), rows()));
    }

    private static List<String> fitting(List<String> copies, int room) {
        if (copies.size() <= room) {
            return copies;
        }
        int shown = Math.max(0, room - 1);
        List<String> fitting = new ArrayList<>(copies.subList(0, shown));
        fitting.add("  and " + (copies.size() - shown) + " more; a larger window shows them");
        return fitting;
    }

    private void draw(List<String> page) {
        StringBuilder frame = new StringBuilder(KEEP_CURSOR);
        for (String line : page) {
            String cut = line.length() < terminal.columns() ? line : line.substring(0, terminal.columns() - 1);
            frame.append(colours ? coloured(cut) : cut).append(REST_OF_LINE).append("\r\n");
        }
        out.print(frame.append(CURSOR_BACK));
        out.flush();
    }

    /** Below the page and above the last line, so that Enter scrolls nothing. */
    private void prompt() {
        out.print(ESC + "[" + (rows() + 1) + ";1H> " + ESC + "[J");
        out.flush();
    }

    private static final Pattern GREEN = Pattern.compile("\\bup\\b");
    private static final Pattern YELLOW =
            Pattern.compile("\\b(frozen|away|v[0-9]+ behind|waits for [0-9]+|[1-9][0-9]* in one\\b)");
    private static final Pattern RED = Pattern.compile("\\b(killed|[1-9][0-9]* (stale|lost)|in none that answers)");

    private static String coloured(String line) {
        String green = GREEN.matcher(line).replaceAll(ESC + "[32m$0" + ESC + "[0m");
        String yellow = YELLOW.matcher(green).replaceAll(ESC + "[33m$0" + ESC + "[0m");
        return RED.matcher(yellow).replaceAll(ESC + "[31m$0" + ESC + "[0m");
    }
}

package dev.coatcheck.chaos;

public final class Chaos {
    public static void main(String[] a) throws Exception {
        Report report = Run.at(Place.of(a[0]).orElseThrow(), Long.parseLong(a[1]), java.time.Duration.ofSeconds(Long.parseLong(a[2])));
        System.out.print(report.text());
        System.exit(report.violations() == 0 ? 0 : 1);
    }
}

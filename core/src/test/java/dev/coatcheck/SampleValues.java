package dev.coatcheck;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Month;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;

/** Values that the tests of the codec share. Public, so that Jackson may use them from its own module. */
public final class SampleValues {
    static final int MAX_BYTES = 262_144;

    private SampleValues() {}

    public enum Color {
        RED,
        GREEN
    }

    public record Item(String sku, int count) {}

    public record Cart(String id, List<Item> items, Map<String, Integer> notes, Set<Color> colors, Cart next) {}

    public record Money(BigDecimal amount, Color color) {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.SIMPLE_NAME)
    public sealed interface Shape permits Circle, Square {}

    public record Circle(double radius) implements Shape {}

    public record Square(double side) implements Shape {}

    public record Drawing(List<Shape> shapes, Shape main) {}

    /** Every built-in class as component. */
    public record Everything(
            boolean z,
            char c,
            byte b,
            short s,
            int i,
            long l,
            float f,
            double d,
            Character boxed,
            BigInteger bigInteger,
            BigDecimal bigDecimal,
            UUID uuid,
            Instant instant,
            LocalDate date,
            LocalTime time,
            LocalDateTime dateTime,
            OffsetDateTime offsetDateTime,
            OffsetTime offsetTime,
            ZonedDateTime zoned,
            Duration duration,
            Period period,
            Year year,
            YearMonth yearMonth,
            MonthDay monthDay,
            ZoneId zone,
            ZoneOffset offset,
            DayOfWeek day,
            Month month) {}

    public static final class Profile {
        private String name = "";
        private List<String> tags = new ArrayList<>();

        public String getName() {
            return name;
        }

        public void setName(String name) {
            this.name = name;
        }

        public List<String> getTags() {
            return tags;
        }

        public void setTags(List<String> tags) {
            this.tags = tags;
        }

        public String getGreeting() {
            return "Hello " + name;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Profile that && name.equals(that.name) && tags.equals(that.tags);
        }

        @Override
        public int hashCode() {
            return Objects.hash(name, tags);
        }
    }

    static ValueCodec codec() {
        return new ValueCodec(List.of(), List.of(), MAX_BYTES);
    }

    static ValueCodec codec(Settings.Alias... aliases) {
        return new ValueCodec(List.of(aliases), List.of(), MAX_BYTES);
    }

    static Cart cart() {
        Map<String, Integer> notes = new LinkedHashMap<>();
        notes.put("b", 1);
        notes.put("a", null);
        return new Cart(
                "c1",
                List.of(new Item("x", 1), new Item("é\uD83D\uDE00", -2)),
                notes,
                new LinkedHashSet<>(List.of(Color.GREEN, Color.RED)),
                new Cart("c2", List.of(), Map.of(), Set.of(), null));
    }

    static Everything everything(ZoneId zone, Instant instant) {
        return new Everything(
                true,
                '\uD800',
                Byte.MIN_VALUE,
                Short.MAX_VALUE,
                Integer.MIN_VALUE,
                Long.MAX_VALUE,
                Float.NaN,
                -0.0,
                'x',
                BigInteger.TEN.pow(999).negate(),
                new BigDecimal(BigInteger.ONE, Integer.MIN_VALUE),
                new UUID(-1, 1),
                instant,
                LocalDate.MAX,
                LocalTime.MAX,
                LocalDateTime.MIN,
                OffsetDateTime.MAX,
                OffsetTime.MIN,
                ZonedDateTime.of(2026, 10, 25, 2, 30, 0, 1, zone),
                Duration.ofSeconds(Long.MIN_VALUE),
                Period.of(Integer.MIN_VALUE, -1, Integer.MAX_VALUE),
                Year.of(5),
                YearMonth.of(Year.MIN_VALUE, 2),
                MonthDay.of(2, 29),
                zone,
                ZoneOffset.MIN,
                DayOfWeek.SUNDAY,
                Month.JANUARY);
    }

    /** Values of every built-in scalar, with the ends of its range. */
    static List<Object> scalars() {
        return new ArrayList<>(Arrays.asList(
                0,
                Integer.MIN_VALUE,
                Integer.MAX_VALUE,
                7L,
                Long.MIN_VALUE,
                (1L << 53) + 1,
                (short) 1,
                Short.MIN_VALUE,
                (byte) -1,
                Byte.MIN_VALUE,
                1.5f,
                Float.NaN,
                -0.0f,
                Float.MIN_VALUE,
                Float.NEGATIVE_INFINITY,
                1.0,
                Double.NaN,
                -0.0,
                Double.MAX_VALUE,
                Double.POSITIVE_INFINITY,
                true,
                false,
                'x',
                '\uD800',
                '\0',
                "",
                "text é \uD83D\uDE00 \r\n\0",
                "x".repeat(70_000),
                "\uD83D\uDE00".repeat(20_000),
                new byte[] {1, 2, 3},
                new byte[0],
                new byte[100_000],
                BigInteger.ZERO,
                BigInteger.TWO.pow(70),
                BigInteger.TEN.pow(1000).subtract(BigInteger.ONE),
                BigInteger.TEN.pow(1000).negate().add(BigInteger.ONE),
                new BigDecimal("1.50"),
                new BigDecimal(BigInteger.ONE, Integer.MAX_VALUE),
                new BigDecimal(BigInteger.TEN.negate(), Integer.MIN_VALUE),
                new UUID(1, -2),
                Instant.MIN,
                Instant.MAX,
                Instant.EPOCH,
                Instant.parse("2026-01-01T00:00:00.123456789Z"),
                LocalDate.MIN,
                LocalDate.MAX,
                LocalDate.of(-999_999_999, 1, 1),
                LocalTime.MIN,
                LocalTime.MAX,
                LocalDateTime.MIN,
                LocalDateTime.MAX,
                OffsetDateTime.MIN,
                OffsetDateTime.MAX,
                OffsetTime.MIN,
                OffsetTime.MAX,
                ZonedDateTime.of(LocalDateTime.MAX, ZoneId.of("Europe/Berlin")),
                ZonedDateTime.of(LocalDateTime.MIN, ZoneOffset.MAX),
                ZonedDateTime.of(LocalDateTime.of(2026, 10, 25, 2, 30), ZoneId.of("Europe/Berlin"))
                        .withLaterOffsetAtOverlap(),
                ZonedDateTime.of(LocalDateTime.of(2026, 1, 1, 0, 0), ZoneId.of("UTC+01:00")),
                Duration.ofSeconds(Long.MIN_VALUE),
                Duration.ofSeconds(Long.MAX_VALUE, 999_999_999),
                Duration.ofSeconds(-1, 1),
                Period.of(Integer.MIN_VALUE, Integer.MAX_VALUE, 0),
                Period.ZERO,
                Year.of(Year.MIN_VALUE),
                Year.of(5),
                YearMonth.of(Year.MAX_VALUE, 12),
                MonthDay.of(2, 29),
                ZoneId.of("Europe/Berlin"),
                ZoneOffset.UTC,
                ZoneOffset.MIN,
                DayOfWeek.MONDAY,
                Month.DECEMBER));
    }
}

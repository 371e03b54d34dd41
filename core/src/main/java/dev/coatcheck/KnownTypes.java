package dev.coatcheck;

import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Classes that are known by name: harmless ones, a framework's, and those that no list may have. */
final class KnownTypes {
    /**
     * Values that run no code of others when they are read, and collections, whose hashing {@link StreamCheck} bounds. Their
     * superclasses are named too, what their stand-ins in a stream turn into, and {@code Map$Entry}, of which hash maps make arrays.
     */
    static final Set<String> EVERYDAY = of("""
            java.lang.Object java.lang.String java.lang.Enum java.lang.Number java.lang.Boolean java.lang.Character
            java.lang.Byte java.lang.Short java.lang.Integer java.lang.Long java.lang.Float java.lang.Double
            java.math.BigInteger java.math.BigDecimal java.time.Ser java.util.UUID java.util.Date java.util.Locale
            java.util.Currency java.sql.Timestamp java.sql.Date java.sql.Time
            java.util.AbstractCollection java.util.AbstractList java.util.AbstractMap java.util.AbstractSet
            java.util.ArrayList java.util.LinkedList java.util.Vector java.util.Stack java.util.ArrayDeque
            java.util.HashMap java.util.LinkedHashMap java.util.TreeMap java.util.Hashtable java.util.Dictionary
            java.util.HashSet java.util.LinkedHashSet java.util.TreeSet java.util.Map$Entry java.util.BitSet
            java.util.EnumMap java.util.EnumSet java.util.EnumSet$SerializationProxy java.util.RegularEnumSet
            java.util.JumboEnumSet java.util.AbstractMap$SimpleEntry java.util.AbstractMap$SimpleImmutableEntry
            java.util.IdentityHashMap java.util.Properties java.util.CollSer java.util.Arrays$ArrayList
            java.util.Collections$EmptyList java.util.Collections$EmptyMap java.util.Collections$EmptySet
            java.util.Collections$SingletonList java.util.Collections$SingletonMap java.util.Collections$SingletonSet
            java.util.Collections$UnmodifiableCollection java.util.Collections$UnmodifiableList
            java.util.Collections$UnmodifiableRandomAccessList java.util.Collections$UnmodifiableMap
            java.util.Collections$UnmodifiableSet java.util.Collections$UnmodifiableSortedMap
            java.util.Collections$UnmodifiableSortedSet java.util.Collections$SynchronizedCollection
            java.util.Collections$SynchronizedList java.util.Collections$SynchronizedRandomAccessList
            java.util.Collections$SynchronizedMap java.util.Collections$SynchronizedSet
            java.util.Collections$SetFromMap java.util.Collections$ReverseComparator
            java.util.Collections$ReverseComparator2 java.lang.String$CaseInsensitiveComparator
            java.util.concurrent.ConcurrentHashMap java.util.concurrent.ConcurrentHashMap$Segment
            java.util.concurrent.ConcurrentHashMap$KeySetView java.util.concurrent.ConcurrentHashMap$CollectionView
            java.util.concurrent.CopyOnWriteArrayList java.util.concurrent.CopyOnWriteArraySet
            java.util.concurrent.atomic.AtomicBoolean java.util.concurrent.atomic.AtomicInteger
            java.util.concurrent.atomic.AtomicLong java.util.concurrent.atomic.AtomicReference
            java.util.concurrent.locks.ReentrantLock java.util.concurrent.locks.ReentrantLock$Sync
            java.util.concurrent.locks.ReentrantLock$NonfairSync
            java.util.concurrent.locks.AbstractQueuedSynchronizer
            java.util.concurrent.locks.AbstractOwnableSynchronizer
            java.util.ImmutableCollections$List12 java.util.ImmutableCollections$ListN
            java.util.ImmutableCollections$Set12 java.util.ImmutableCollections$SetN
            java.util.ImmutableCollections$Map1 java.util.ImmutableCollections$MapN
            java.time.Duration java.time.Instant java.time.LocalDate java.time.LocalDateTime java.time.LocalTime
            java.time.MonthDay java.time.OffsetDateTime java.time.OffsetTime java.time.Period java.time.Year
            java.time.YearMonth java.time.ZoneOffset java.time.ZoneRegion java.time.ZonedDateTime java.time.DayOfWeek
            java.time.Month
            """);

    static final Set<String> SPRING_SECURITY = of("""
            org.springframework.security.authentication.AbstractAuthenticationToken
            org.springframework.security.authentication.AnonymousAuthenticationToken
            org.springframework.security.authentication.RememberMeAuthenticationToken
            org.springframework.security.authentication.UsernamePasswordAuthenticationToken
            org.springframework.security.authentication.ott.DefaultOneTimeToken
            org.springframework.security.authentication.ott.OneTimeTokenAuthentication
            org.springframework.security.authentication.ott.OneTimeTokenAuthenticationToken
            org.springframework.security.core.authority.FactorGrantedAuthority
            org.springframework.security.core.authority.SimpleGrantedAuthority
            org.springframework.security.core.context.SecurityContextImpl
            org.springframework.security.core.userdetails.User
            org.springframework.security.core.userdetails.User$AuthorityComparator
            org.springframework.security.web.authentication.WebAuthenticationDetails
            org.springframework.security.web.authentication.preauth.PreAuthenticatedAuthenticationToken
            org.springframework.security.web.authentication.preauth.PreAuthenticatedGrantedAuthoritiesWebAuthenticationDetails
            org.springframework.security.web.authentication.switchuser.SwitchUserGrantedAuthority
            org.springframework.security.web.csrf.DefaultCsrfToken
            org.springframework.security.web.savedrequest.DefaultSavedRequest
            org.springframework.security.web.savedrequest.SavedCookie
            org.springframework.security.web.savedrequest.SimpleSavedRequest
            """);

    /** Whole packages of these would bring classes that nobody meant. */
    private static final List<String> PLATFORM = List.of(
            "java.",
            "javax.",
            "jakarta.",
            "jdk.",
            "sun.",
            "com.sun.",
            "org.springframework.",
            "org.apache.",
            "groovy.",
            "org.codehaus.",
            "org.hibernate.",
            "org.jboss.",
            "org.eclipse.",
            "scala.",
            "kotlin.",
            "clojure.",
            "com.mchange.",
            "org.python.",
            "bsh.");

    /** What known chains of gadgets are made of: code as data, references to elsewhere, streams within streams. */
    private static final List<String> REFUSED = List.of(
            "java.lang.invoke.",
            "java.lang.reflect.",
            "java.lang.ProcessBuilder",
            "java.lang.Runtime",
            "java.lang.System",
            "java.net.URL",
            "java.net.InetAddress",
            "java.rmi.",
            "java.security.SignedObject",
            "java.beans.",
            "javax.crypto.SealedObject",
            "javax.management.",
            "javax.naming.",
            "javax.script.",
            "javax.swing.",
            "com.sun.",
            "sun.",
            "jdk.",
            "org.apache.commons.beanutils.",
            "org.apache.commons.collections.functors.",
            "org.apache.commons.collections4.functors.",
            "org.codehaus.groovy.runtime.",
            "org.springframework.aop.",
            "org.springframework.beans.factory.",
            "com.mchange.v2.",
            "bsh.",
            "org.python.");

    /** Mojarra's own package lies under that of the JDK's inside. Its values may be listed; its expressions are code as data. */
    private static final String MOJARRA = "com.sun.faces.";

    private static final List<String> EXPRESSIONS =
            List.of(MOJARRA + "el.", MOJARRA + "facelets.el.", MOJARRA + "facelets.tag.jstl.");

    private KnownTypes() {}

    static boolean isPlatform(String name) {
        return PLATFORM.stream().anyMatch(name::startsWith);
    }

    static boolean isRefused(String name) {
        if (name.startsWith(MOJARRA)) {
            return EXPRESSIONS.stream().anyMatch(name::startsWith);
        }
        return REFUSED.stream()
                .anyMatch(refused -> name.startsWith(refused) && refused.endsWith(".") || name.equals(refused));
    }

    private static Set<String> of(String lines) {
        return Set.copyOf(Arrays.asList(lines.strip().split("\\s+")));
    }
}

package dev.coatcheck.acceptance.house;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.GeneralCodingRules;
import jakarta.servlet.AsyncContext;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Who may know whom, and what nobody may use. */
class ArrowsTest {
    private static final String CORE = "dev.coatcheck";
    private static final String SERVLET = "dev.coatcheck.servlet..";
    private static final String HTTPSERVER = "dev.coatcheck.httpserver..";
    private static final String KIT = "dev.coatcheck.test..";
    private static final String CLIENT = "dev.coatcheck.memcached..";
    private static final String LABELS = "dev.coatcheck.labels..";
    private static final String MEMCACHED_STORE = "dev.coatcheck.store.memcached..";

    private static final String JDBC_STORE = "dev.coatcheck.store.jdbc..";
    private static final String APP_ENGINE_STORE = "dev.coatcheck.store.appengine..";
    private static final String CLI = "dev.coatcheck.cli..";

    private static final JavaClasses ALL = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("-tests.jar")) // what one module's tests lend another's
            .importPackages("dev.coatcheck");

    @Test
    void theCoreKnowsItsLibrariesAlone() {
        classes()
                .that()
                .resideInAPackage(CORE)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                        CORE,
                        "java..",
                        "javax.crypto..",
                        "org.slf4j..",
                        "org.jspecify..",
                        "com.github.benmanes.caffeine..",
                        "tools.jackson..",
                        "com.fasterxml.jackson.annotation.."))
                .check(ALL);
    }

    @Test
    void theServletAdapterKnowsTheCoreAndTheServletApiAlone() {
        classes()
                .that()
                .resideInAPackage(SERVLET)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                        CORE, SERVLET, "java..", "jakarta.servlet..", "org.slf4j..", "org.jspecify.."))
                .check(ALL);
    }

    @Test
    void theAdapterOfTheJdksServerKnowsTheCoreAndThatServerAlone() {
        classes()
                .that()
                .resideInAPackage(HTTPSERVER)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                        CORE,
                        HTTPSERVER,
                        "java..",
                        "javax.net.ssl..",
                        "com.sun.net.httpserver..",
                        "org.slf4j..",
                        "org.jspecify.."))
                .check(ALL);
    }

    @Test
    void theMemcachedClientKnowsNothingOfOurs() {
        classes()
                .that()
                .resideInAPackage(CLIENT)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                        CLIENT, "java..", "javax.net..", "jdk.net..", "org.slf4j..", "org.jspecify.."))
                .check(ALL);
    }

    @Test
    void theStoreOnMemcachedKnowsTheCoreAndTheClientAlone() {
        classes()
                .that()
                .resideInAPackage(MEMCACHED_STORE)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                        CORE, CLIENT, MEMCACHED_STORE, "java..", "javax.net..", "org.slf4j..", "org.jspecify.."))
                .check(ALL);
    }

    @Test
    void theStoreOnDatabasesKnowsTheCoreAndJdbcAlone() {
        classes()
                .that()
                .resideInAPackage(JDBC_STORE)
                .should()
                .onlyDependOnClassesThat(
                        resideInAnyPackage(CORE, JDBC_STORE, "java..", "javax.sql..", "org.slf4j..", "org.jspecify.."))
                .check(ALL);
    }

    @Test
    void theStoreOnAppEngineKnowsTheCoreAndItsServicesAlone() {
        classes()
                .that()
                .resideInAPackage(APP_ENGINE_STORE)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                        CORE,
                        APP_ENGINE_STORE,
                        "java..",
                        "com.google.appengine.api",
                        "com.google.appengine.api.memcache",
                        "com.google.appengine.api.datastore",
                        "com.google.apphosting.api",
                        "org.jspecify.."))
                .check(ALL);
    }

    /** Databases by the core's interface alone. */
    @Test
    void theCommandLineKnowsTheCoreAndMemcachedAlone() {
        classes()
                .that()
                .resideInAPackage(CLI)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                        CORE, CLIENT, MEMCACHED_STORE, CLI, "java..", "org.slf4j..", "org.jspecify.."))
                .check(ALL);
    }

    @Test
    void theDeviceLabelsKnowTheCoreAndTheirParserAlone() {
        classes()
                .that()
                .resideInAPackage(LABELS)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(CORE, LABELS, "java..", "ua_parser..", "org.jspecify.."))
                .check(ALL);
    }

    @Test
    void theTestKitKnowsTheCoreJUnitAndAssertJAlone() {
        classes()
                .that()
                .resideInAPackage(KIT)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                        CORE,
                        KIT,
                        "java..",
                        "javax.net..",
                        "org.junit.jupiter.api..",
                        "org.assertj..",
                        "org.jspecify..",
                        "org.opentest4j..",
                        "org.apiguardian.."))
                .check(ALL);
    }

    @Test
    void chanceComesFromTheSystemsSecureRandomAlone() {
        noClasses()
                .that()
                .resideInAPackage(CORE)
                .should()
                .dependOnClassesThat(describe(
                        "are weak sources of chance",
                        (JavaClass type) ->
                                type.isEquivalentTo(Random.class) || type.isEquivalentTo(ThreadLocalRandom.class)))
                .check(ALL);
        noClasses()
                .that()
                .resideInAPackage(CORE)
                .should()
                .callConstructor(SecureRandom.class, byte[].class)
                .orShould()
                .callMethod(SecureRandom.class, "getInstance", String.class)
                .orShould()
                .callMethod(SecureRandom.class, "setSeed", byte[].class)
                .orShould()
                .callMethod(SecureRandom.class, "setSeed", long.class)
                .check(ALL);
    }

    @Test
    void secretsAreComparedInConstantTime() {
        classes()
                .that(areNamed("Tokens", "SessionToken", "CsrfToken"))
                .should()
                .callMethod(MessageDigest.class, "isEqual", byte[].class, byte[].class)
                .check(ALL);
        noClasses()
                .that(areNamed("Tokens", "SessionToken", "CsrfToken", "Derivation", "RecordSeal"))
                .should()
                .callMethodWhere(describe(
                        "compares bytes up to the first difference",
                        (JavaMethodCall call) -> call.getTargetOwner().isEquivalentTo(Arrays.class)
                                && List.of("equals", "compare", "mismatch").contains(call.getName())))
                .check(ALL);
    }

    private static DescribedPredicate<JavaClass> areNamed(String... names) {
        return describe(
                "are " + String.join(", ", names),
                type -> type.getPackageName().equals(CORE) && List.of(names).contains(type.getSimpleName()));
    }

    @Test
    void nobodyButTheCheckedCodecReadsOrWritesJavaSerialization() {
        noClasses()
                .that(not(resideInAPackage(KIT)))
                .and(not(
                        describe("are JdkCodec", type -> type.getName().matches("dev[.]coatcheck[.]JdkCodec([$].*)?"))))
                .should()
                .dependOnClassesThat()
                .areAssignableTo(ObjectInputStream.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(ObjectOutputStream.class)
                .check(ALL);
    }

    @Test
    void nothingIsSynchronized() {
        noMethods().should().haveModifier(JavaModifier.SYNCHRONIZED).check(ALL);
    }

    @Test
    void nobodyButTheCommandLinesMainPrintsToTheConsole() {
        noClasses()
                .that(not(describe(
                        "are the command line's main", type -> type.getName().equals("dev.coatcheck.cli.Coatcheck"))))
                .should(GeneralCodingRules.ACCESS_STANDARD_STREAMS)
                .check(ALL);
    }

    @Test
    void namesSayWhatAThingIs() {
        noClasses()
                .that()
                .areNotAssignableTo(AsyncContext.class) // a foreign name, written in full
                .should()
                .haveNameMatching(".*(Impl|Abstract|Base|Helper|Utils?|Service|Context)$")
                .orShould()
                .haveNameMatching(".*\\.(Abstract|Base)[A-Z][^.]*$")
                .check(ALL);
    }

    @Test
    void theCoresPublicTypesAreTheseAndNoMore() {
        TreeSet<String> published = ALL.stream()
                .filter(type -> type.getPackageName().equals(CORE))
                .filter(type -> type.isTopLevelClass() && type.getModifiers().contains(JavaModifier.PUBLIC))
                .map(JavaClass::getSimpleName)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(published)
                .containsExactlyElementsOf(new TreeSet<>(Arrays.asList(
                        "Device",
                        "DeviceLabels",
                        "DurableSessionStore",
                        "EmbeddedSessionStore",
                        "Envelope",
                        "KeyRing",
                        "SerializableTypes",
                        "Session",
                        "SessionAttributeException",
                        "SessionCache",
                        "SessionConflictException",
                        "SessionEvent",
                        "SessionException",
                        "SessionExchange",
                        "SessionKey",
                        "SessionLimitException",
                        "SessionListener",
                        "SessionManager",
                        "SessionStats",
                        "SessionStore",
                        "SessionStoreProvider",
                        "SessionUnavailableException",
                        "StoreHealth",
                        "TieredSessionStore")));
    }
}

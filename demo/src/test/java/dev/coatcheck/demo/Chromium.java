package dev.coatcheck.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import org.openqa.selenium.By;
import org.openqa.selenium.Cookie;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** The Chromium that is installed, without a window and with a profile of its own. */
final class Chromium implements AutoCloseable {
    private static final Path TARGET = Path.of("target");

    private static final String TARGETS =
            "//main//button[normalize-space()='LABEL'] | //main//a[normalize-space()='LABEL']"
                    + " | //header//button[normalize-space()='LABEL']";

    private final ChromeDriver driver;

    Chromium() throws IOException {
        Path profiles = Files.createDirectories(TARGET.resolve("chromium"));
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        ChromeOptions options = new ChromeOptions();
        options.setBinary(onPath("chromium", "chromium-browser", "google-chrome"));
        options.setAcceptInsecureCerts(true);
        options.setCapability("goog:loggingPrefs", logs);
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--hide-scrollbars",
                "--user-data-dir="
                        + Files.createTempDirectory(profiles, "profile").toAbsolutePath());
        driver = new ChromeDriver(
                new ChromeDriverService.Builder()
                        .usingDriverExecutable(onPath("chromedriver"))
                        .usingAnyFreePort()
                        .build(),
                options);
        size(1280, 900);
    }

    /** A missing tool fails the test: what was not seen in a browser is not known to work in one. */
    private static File onPath(String... names) {
        for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
            for (String name : names) {
                File file = new File(folder, name);
                if (file.canExecute()) {
                    return file;
                }
            }
        }
        throw new AssertionError("There is no " + String.join(" or ", names)
                + " on the PATH, and this test needs one: bin/setup installs it");
    }

    ChromeDriver driver() {
        return driver;
    }

    Chromium size(int width, int height) {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
        return this;
    }

    Chromium colours(String scheme) {
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
        return this;
    }

    String text() {
        return driver.findElement(By.tagName("body")).getText();
    }

    /** Clicks what leads to another page, and waits for that one. */
    void click(String label) {
        WebElement target = driver.findElement(By.xpath(TARGETS.replace("LABEL", label)));
        leave(target::click);
    }

    /** Does what leads to another page, and waits for that one. */
    void leave(Runnable step) {
        WebElement before = driver.findElement(By.tagName("html"));
        step.run();
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(10))
                .until(() -> isGone(before));
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(10))
                .until(() -> "complete".equals(driver.executeScript("return document.readyState")));
    }

    private static boolean isGone(WebElement element) {
        try {
            element.getTagName();
            return false;
        } catch (StaleElementReferenceException gone) {
            return true;
        }
    }

    void type(String field, String text) {
        driver.findElement(By.name(field)).sendKeys(text);
    }

    Cookie cookie(String name) {
        return driver.manage().getCookieNamed(name);
    }

    /** Keeps what is seen now in {@code target/screenshots}; nothing may stick out at the side. */
    void screenshot(String name) throws IOException {
        Number overhang = (Number) driver.executeScript(
                "return document.documentElement.scrollWidth - document.documentElement.clientWidth");
        assertThat(overhang.intValue()).as("pixels that stick out of %s", name).isZero();
        Path folder = Files.createDirectories(TARGET.resolve("screenshots"));
        Files.write(folder.resolve(name + ".png"), driver.getScreenshotAs(OutputType.BYTES));
    }

    /** What the browser complained of, such as a style that the policy forbids. */
    List<String> complaints() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
                .map(LogEntry::getMessage)
                .toList();
    }

    @Override
    public void close() {
        driver.quit();
    }
}

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;

/** What java finds of Maven's packages in archives: each request is a line of paths in hex, each answer a line of JSON. */
class Jars {
  public static void main(String[] none) throws Exception {
    BufferedReader requests = new BufferedReader(new InputStreamReader(System.in));
    Path work = Files.createTempDirectory("jars-");
    for (String line; (line = requests.readLine()) != null; ) {
      List<String> found = new ArrayList<>();
      String[] files = line.split(" ");
      for (int at = 0; at < files.length; at++)
        if (!files[at].isEmpty())
          read(new File(new String(HexFormat.of().parseHex(files[at]), "UTF-8")), at, "", 0, work, found);
      System.out.println("[" + String.join(",", found) + "]");
    }
  }

  private static void read(File file, int at, String inside, int depth, Path work, List<String> found) {
    try (JarFile jar = new JarFile(file, false)) {
      for (ZipEntry entry : (Iterable<ZipEntry>) jar.stream().map(e -> (ZipEntry) e)::iterator) {
        try {
          if (entry.getName().matches("META-INF/maven/.*/pom\\.properties")) {
            Properties properties = new Properties();
            try (InputStream text = jar.getInputStream(entry)) {
              properties.load(text);
            }
            String group = of(properties, "groupId"), artifact = of(properties, "artifactId"), version = of(properties, "version");
            if (!group.isEmpty() && !artifact.isEmpty() && !version.isEmpty())
              found.add("[" + at + "," + quoted(inside) + "," + quoted(group + ":" + artifact) + "," + quoted(version) + "]");
          } else if (entry.getName().endsWith(".jar") && depth < 6) {
            Path nested = Files.createTempFile(work, "nested", ".jar");
            try {
              try (InputStream content = jar.getInputStream(entry)) {
                Files.write(nested, content.readAllBytes());
              }
              read(nested.toFile(), at, inside + "/" + entry.getName(), depth + 1, work, found);
            } finally {
              Files.deleteIfExists(nested);
            }
          }
        } catch (Exception | Error e) {
          // java does not read this entry
        }
      }
    } catch (Exception | Error e) {
      // java does not open it
    }
  }

  private static String of(Properties properties, String key) {
    return properties.getProperty(key, "").trim();
  }

  private static String quoted(String text) {
    StringBuilder json = new StringBuilder("\"");
    for (char c : text.toCharArray())
      if (c < ' ' || c == '"' || c == '\\' || c > '~') json.append(String.format("\\u%04x", (int) c));
      else json.append(c);
    return json.append('"').toString();
  }
}

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.List;
import software.amazon.event.ruler.Machine;
import software.amazon.event.ruler.RuleCompiler;

/** Reads questions, a list of a pattern with its events, and writes for each what is wrong with the pattern, or which of the events match. */
class EventRuler {
  public static void main(String[] arguments) throws Exception {
    ObjectMapper json = new ObjectMapper();
    ArrayNode answers = json.createArrayNode();
    for (JsonNode question : json.readTree(System.in)) {
      String pattern = question.get("pattern").toString();
      String mistake = RuleCompiler.check(pattern);
      if (mistake != null) {
        answers.add(mistake);
        continue;
      }
      Machine machine = new Machine();
      machine.addRule("rule", pattern);
      ArrayNode matches = answers.addArray();
      for (JsonNode event : question.get("events")) {
        List<String> rules = machine.rulesForJSONEvent(event.toString());
        matches.add(!rules.isEmpty());
      }
    }
    System.out.println(json.writeValueAsString(answers));
  }
}

package reading

import (
	"encoding/json"
	"strings"
	"testing"
)

func read(t *testing.T, request Request) Reading {
	t.Helper()
	bytes, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	var reading Reading
	if err := json.Unmarshal(Answer(bytes), &reading); err != nil {
		t.Fatal(err)
	}
	return reading
}

func TestUserIsThatOfTheBuild(t *testing.T) {
	for text, want := range map[string]string{
		"FROM a\nENV U=65532\nARG U=0\nUSER $U":                   "0",
		"FROM a\nARG U=0\nENV U=65532\nUSER $U":                   "65532",
		"ARG U=0\nFROM a\nENV U=1\nARG U\nUSER $U":                "0",
		"FROM a AS one\nONBUILD USER 7\nFROM one":                 "7",
		"FROM a\nUSER ${U:-8}":                                    "8",
		"# escape=`\nFROM a\nUSER `\n9":                           "9",
		"FROM a AS one\nUSER 5\nFROM one AS two\nFROM two\nRUN x": "5",
	} {
		reading := read(t, Request{Text: text})
		if len(reading.Problems) > 0 || reading.Image.User == nil || reading.Image.User.Name != want {
			t.Errorf("%q: %+v", text, reading)
		}
	}
	if reading := read(t, Request{Text: "FROM a\n"}); reading.Image.User != nil {
		t.Errorf("a user that is in no instruction: %+v", reading.Image)
	}
}

func TestTargetIsANameOrANumber(t *testing.T) {
	text := "FROM a AS One\nUSER 1\nFROM b\nUSER 2\n"
	for target, want := range map[string]string{"": "2", "one": "1", "0": "1", "1": "2"} {
		if reading := read(t, Request{Text: text, Target: target}); reading.Image.User.Name != want {
			t.Errorf("%q: %+v", target, reading.Image)
		}
	}
	reading := read(t, Request{Text: text, Target: "two"})
	if reading.Image != nil || len(reading.Problems) != 1 {
		t.Errorf("a stage that is not there: %+v", reading)
	}
}

func TestUndefinedIsWhatLeavesAGap(t *testing.T) {
	for word, want := range map[string]int{
		"$X": 1, "app$X": 1, "${X}": 1, "${X:-1000}": 0, "${X:+1}": 0, "$DEFINED": 0, "'$X'": 0, `\$X`: 0, "${X%%:*}": 1, "$X$Y": 2,
	} {
		reading := read(t, Request{Text: "FROM a\nARG DEFINED=1\nARG X\nUSER " + word + "\n"})
		if undefined := reading.Instructions[3].Undefined; len(undefined) != want {
			t.Errorf("%s: %v", word, undefined)
		}
	}
}

// An image, a download and a command are told once, with the line that takes them in, also where the target does not need them.
func TestEverythingThatGoesInHasALine(t *testing.T) {
	text := strings.Join([]string{
		"FROM base:1 AS one",
		"RUN --mount=type=bind,from=mounted:1,target=/m true",
		"COPY --from=copied:1 / /",
		"ADD https://host.example/file /",
		"ADD https://git.example/team/app.git#main:docs /",
		"FROM other:1 AS unused",
		"RUN --security=insecure --network=host x",
		"FROM one",
		"ONBUILD COPY --from=kept:1 / /",
		"ONBUILD COPY --from=one / /",
		"ONBUILD RUN x",
	}, "\n")
	reading := read(t, Request{Text: text})
	sources := map[string]int{}
	for _, source := range reading.Sources {
		sources[source.Name] = source.Line
	}
	want := map[string]int{
		"base:1": 1, "mounted:1": 2, "copied:1": 3, "https://host.example/file": 4, "https://git.example/team/app.git": 5, "other:1": 6, "kept:1": 9,
	}
	if len(reading.Problems) > 0 || len(sources) != len(want) {
		t.Fatalf("%+v", reading)
	}
	for name, line := range want {
		if sources[name] != line {
			t.Errorf("%s: line %d, want %d", name, sources[name], line)
		}
	}
	lines := map[int]bool{}
	for _, run := range reading.Runs {
		lines[run.Line] = run.Insecure && run.HostNetwork
	}
	if len(lines) != 3 || lines[2] || !lines[7] || lines[11] {
		t.Errorf("%+v", reading.Runs)
	}
}

func TestAProblemHasItsLineAndHidesNothingElse(t *testing.T) {
	reading := read(t, Request{Text: "FROM a:1\nENV A_TOKEN=x\nCOPY --fron=x a b\n"})
	if len(reading.Problems) != 1 || reading.Problems[0].Line != 3 || len(reading.Instructions) != 3 {
		t.Errorf("%+v", reading)
	}
	if broken := string(Answer([]byte("{"))); !strings.Contains(broken, `"problems":[{"line":1`) {
		t.Error(broken)
	}
}

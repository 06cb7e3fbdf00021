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

func userOf(reading Reading) string {
	if reading.Image == nil || reading.Image.Users[0].Name == nil {
		return "none"
	}
	return *reading.Image.Users[0].Name
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
		if len(reading.Problems) > 0 || userOf(reading) != want {
			t.Errorf("%q: %+v", text, reading)
		}
	}
	if reading := read(t, Request{Text: "FROM a\n"}); userOf(reading) != "none" {
		t.Errorf("a user that is in no instruction: %+v", reading.Image)
	}
}

func TestTargetIsANameOrANumber(t *testing.T) {
	text := "FROM a AS One\nUSER 1\nFROM b\nUSER 2\n"
	for target, want := range map[string]string{"": "2", "one": "1", "0": "1", "1": "2"} {
		if reading := read(t, Request{Text: text, Target: target}); userOf(reading) != want {
			t.Errorf("%q: %+v", target, reading.Image)
		}
	}
	reading := read(t, Request{Text: text, Target: "two"})
	if reading.Image != nil || len(reading.Problems) != 1 {
		t.Errorf("a stage that is not there: %+v", reading)
	}
}

// What no line before it sets, in its stage or those that it builds on, a base image may set.
func TestUndefined(t *testing.T) {
	for word, want := range map[string]int{
		"$X": 1, "app$X": 1, "${X:-1000}": 1, "$SET": 0, "$LATER": 1, "$ELSEWHERE": 1, "$PARENT": 0, "$GLOBAL": 0, "$GIVEN": 0, "$TARGETARCH": 0,
		"'$X'": 0, `\$X`: 0, "${X%%:*}": 1, "$X$Y": 2,
	} {
		text := strings.Join([]string{
			"ARG GLOBAL=1", "FROM a AS other", "ENV ELSEWHERE=1", "FROM a AS parent", "ENV PARENT=1", "FROM parent", "ARG SET=1", "ARG X", "ARG GLOBAL",
			"ARG GIVEN", "ARG TARGETARCH", "USER " + word, "ENV LATER=1",
		}, "\n")
		reading := read(t, Request{Text: text, BuildArgs: map[string]string{"GIVEN": "1"}})
		if undefined := reading.Instructions[11].Undefined; len(undefined) != want {
			t.Errorf("%s: %v", word, undefined)
		}
	}
	for word, want := range map[string]int{"$X": 1, "${X:-a}": 0, "a$X": 1, "a:${Y:-1}": 0, "$TARGETARCH": 0} {
		reading := read(t, Request{Text: "ARG X\nFROM " + word + "\n"})
		if undefined := reading.Instructions[1].Undefined; len(undefined) != want {
			t.Errorf("FROM %s: %v", word, undefined)
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
		"ONBUILD RUN x",
		"ONBUILD ARG SOURCE=https://kept.example/file",
		"ONBUILD ADD $SOURCE /",
	}, "\n")
	reading := read(t, Request{Text: text})
	sources := map[string]int{}
	for _, source := range reading.Sources {
		sources[source.Name] = source.Line
	}
	want := map[string]int{
		"base:1": 1, "mounted:1": 2, "copied:1": 3, "https://host.example/file": 4, "https://git.example/team/app.git": 5, "other:1": 6, "kept:1": 9,
		"https://kept.example/file": 12,
	}
	delete(sources, thisImage)
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
	if len(lines) != 3 || lines[2] || !lines[7] || lines[10] {
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

func TestTriggersAreReadInOrderWithTheEnvironmentOfTheirImage(t *testing.T) {
	for _, text := range []string{
		"FROM a\nONBUILD ENV S=https://a.example/x\nONBUILD ADD $S /x",
		"FROM a\nENV S=https://a.example/x\nONBUILD ADD $S /x",
	} {
		reading := read(t, Request{Text: text})
		if last := reading.Sources[len(reading.Sources)-1]; last.Kind != HTTPSource || last.Line != 3 {
			t.Errorf("%q: %+v", text, reading.Sources)
		}
	}
	if reading := read(t, Request{Text: "FROM a\nONBUILD COPY --from=" + thisImage + " / /"}); len(reading.Problems) > 0 {
		t.Errorf("an image that copies from itself: %+v", reading.Problems)
	}
}

func TestWhatLooksForAPlatformIsReadForEach(t *testing.T) {
	reading := read(t, Request{Text: "FROM a AS run-amd64\nUSER 1\nFROM a AS run-arm64\nUSER 0\nFROM run-$TARGETARCH"})
	if len(reading.Image.Users) != 2 || *reading.Image.Users[1].Name != "0" {
		t.Errorf("%+v", reading.Image)
	}
}

func TestAFileThatMayHaveNoWarningHasNone(t *testing.T) {
	if reading := read(t, Request{Text: "# check=error=true\nFROM a as x\n"}); len(reading.Problems) != 1 {
		t.Errorf("%+v", reading)
	}
}

func TestTheBaseThatIsNotKnownDoesNotReachTheImage(t *testing.T) {
	reading := read(t, Request{Text: "ARG S\nFROM a:1${S}\nARG S\nENV U=$S\nUSER $U\n"})
	if userOf(reading) != "" || len(reading.Problems) > 0 {
		t.Errorf("%+v", reading)
	}
	reading = read(t, Request{Text: "ARG S\nFROM $S\nRUN --network=host x\n"})
	if len(reading.Problems) != 1 || len(reading.Runs) != 1 {
		t.Errorf("%+v", reading)
	}
}

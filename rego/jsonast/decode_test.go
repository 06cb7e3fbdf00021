package jsonast

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
)

// expectSame holds Decode against OPA's own reader: the same value, or an error where that has one.
func expectSame(t *testing.T, document string) {
	t.Helper()
	want, wantErr := decodeTheLongWay([]byte(document))
	got, err := Decode([]byte(document))
	if (wantErr == nil) != (err == nil) || (err == nil && ast.Compare(want, got) != 0) {
		t.Fatalf("%.200q: expected %v, error %v; got %v, error %v", document, want, wantErr, got, err)
	}
}

func TestEveryFormOfJson(t *testing.T) {
	for _, document := range []string{
		``, ` `, `{`, `{}`, `[]`, ` [ 1 , 2 ] `, `[1,]`, `[1 2]`, `{"a":1,}`, `{"a" 1}`, `{"a":1 "b":2}`, `{1:2}`, `{"a":{"b":[{}]}}`,
		`"\ud83d\ude00"`, `"\ud83d"`, `"\ud83dx"`, `"\ud83d\u0041"`, `"\udc00\ud800\udc00"`, `"\x"`, `"\u12"`, `"\ud83d\u12"`, `"\`, `"a`, `"\/\b\f\n\r\t\"\\"`, "\"\t\"", "\"\xff\"", "\"a\x00\"", "\ufeff1",
		`0`, `01`, `-`, `-0`, `1.`, `1.5e`, `1e+5`, `1E5`, `1e99999`, `.5`, `+1`, `0.1`, `12345678901234567890123`, `[1,1.0,1e0]`,
		`nul`, `nullx`, `null`, `true false`, `[true,false,null]`,
		`{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `{"a":1,"b":2,"a":{"c":1,"c":2}}`,
	} {
		expectSame(t, document)
	}
}

func TestDepth(t *testing.T) {
	for _, depth := range []int{maxDepth - 1, maxDepth, maxDepth + 1, 3000, 20_000} {
		expectSame(t, strings.Repeat("[", depth)+strings.Repeat("]", depth))
		expectSame(t, strings.Repeat(`{"a":`, depth)+"1"+strings.Repeat("}", depth))
		expectSame(t, strings.Repeat("[", depth))
	}
}

func TestManyEqualKeys(t *testing.T) {
	for _, count := range []int{2, 50, 200} {
		members := make([]string, count)
		for at := range members {
			members[at] = fmt.Sprintf(`"%d":%d`, at%40, at)
		}
		expectSame(t, "{"+strings.Join(members, ",")+"}")
	}
}

func TestRecordedReports(t *testing.T) {
	reports, _ := filepath.Glob("../../test/reports/*.json")
	if len(reports) == 0 {
		t.Fatal("test/reports holds no report")
	}
	for _, report := range reports {
		document, err := os.ReadFile(report)
		if err != nil {
			t.Fatal(err)
		}
		expectSame(t, string(document))
	}
}

func TestRandomDocuments(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	for range 20_000 {
		document, _ := json.Marshal(randomValue(random, 5))
		if random.Intn(3) == 0 {
			var indented bytes.Buffer
			_ = json.Indent(&indented, document, " ", "\t")
			document = indented.Bytes()
		}
		expectSame(t, string(document))
		expectSame(t, fmt.Sprintf(`{"a":%s,"b":2,"a":3,"c":[],"b":null}`, document))
		document[random.Intn(len(document))] = "{}[],:\"\\0e-. u"[random.Intn(14)]
		expectSame(t, string(document))
	}
}

var texts = []string{"", "a", "é", "\u2028", "x\ny", "\"", "\\", "😀", "\x00", "#1", "1", strings.Repeat("long ", 20)}

func randomValue(random *rand.Rand, depth int) any {
	switch kind := random.Intn(8); {
	case kind < 2 && depth > 0:
		object := map[string]any{}
		for range random.Intn(5) {
			object[texts[random.Intn(len(texts))]] = randomValue(random, depth-1)
		}
		return object
	case kind < 4 && depth > 0:
		array := []any{}
		for range random.Intn(5) {
			array = append(array, randomValue(random, depth-1))
		}
		return array
	case kind == 4:
		return random.NormFloat64() * 1e6
	case kind == 5:
		return random.Int63()
	case kind == 6:
		return []any{true, false, nil}[random.Intn(3)]
	}
	return texts[random.Intn(len(texts))]
}

// BenchmarkDecode is why this package exists: a recorded report a thousand times, 11 MB, read here and by OPA.
func BenchmarkDecode(b *testing.B) {
	report, err := os.ReadFile("../../test/reports/fixable-critical.json")
	if err != nil {
		b.Fatal(err)
	}
	document := []byte("[" + strings.Repeat(string(report)+",", 1000) + "null]")
	for name, decode := range map[string]func([]byte) (ast.Value, error){"here": Decode, "opa": decodeTheLongWay} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := decode(document); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"a":[1,"\u00e9",null]}`))
	f.Fuzz(func(t *testing.T, document []byte) { expectSame(t, string(document)) })
}

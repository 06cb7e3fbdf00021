package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestJSONThatReadersReadDifferentlyIsRefused(t *testing.T) {
	for config, says := range map[string]string{
		`"os":"linux","os":"linux"`:                                "in one object",
		`"os":"linux","Os":"linux"`:                                "spells the key",
		`"config":{"User":"0"},"Config":{"User":"65532"}`:          "spells the key",
		`"config":{"User":"0","user":"65532"}`:                     "spells the key",
		`"hi\u017ftory":[]`:                                        "spells the key",
		`"history":[null]`:                                         "is no object",
		`"history":{}`:                                             "is no list",
		`"history":[{"empty_layer":null}]`:                         "neither true nor false",
		`"history":[{"empty_layer":"true"}]`:                       "neither true nor false",
		`"history":[{"Created_by":"x"}]`:                           "spells the key",
		`"history":[{"created_by":1}]`:                             "is no string",
		`"config":{"Labels":{"a":"1","a":"2"}}`:                    "in one object",
		`"x":` + strings.Repeat("[", 99) + strings.Repeat("]", 99): "nested deeper",
		`"x":"` + "\xff" + `"`:                                     "is not UTF-8",
		`"os":7`:                                                   "is no string",
	} {
		i := imageOf(t, []thing{file("a", "1")})
		i.config = config
		i.refused("config", says)
	}
}

func TestManifestsThatReadersReadDifferentlyAreRefused(t *testing.T) {
	for manifest, says := range map[string]string{
		`"Layers":[]`:                            "spells the key",
		`"layers":[]`:                            "in one object",
		`"manifests":[]`:                         "image index",
		`"fsLayers":[]`:                          "does not know",
		`"annotations":{"a":1},"annotations":{}`: "in one object",
	} {
		i := imageOf(t, []thing{file("a", "1")})
		i.manifest = manifest
		i.refused(says)
	}
	for key, value := range map[string]any{"data": "aGVsbG8=", "urls": []string{"https://x.example"}, "unknown": 1, "annotations": map[string]any{"a": 1}} {
		l := plain(tarOf(t, file("a", "1")))
		l.extra = map[string]any{key: value}
		(&testImage{t: t, layers: []testLayer{l}}).refused("layer 1")
	}
	l := plain(tarOf(t, file("a", "1")))
	l.mediaType = "application/vnd.in-toto+json"
	(&testImage{t: t, layers: []testLayer{l}}).refused("attestation")
}

func TestKeysOfHonestBuildersAreRead(t *testing.T) {
	l := plain(tarOf(t, file("a", "1")))
	l.extra = map[string]any{"platform": map[string]any{"os": "linux", "architecture": "amd64"}, "artifactType": "a/b"}
	l.annotations = map[string]string{"Size": "1", "size": "2"}
	i := &testImage{t: t, layers: []testLayer{l}}
	i.manifest = `"annotations":{"org.opencontainers.image.created":"x"},"artifactType":"a/b","subject":{"mediaType":"m","digest":"d","size":1}`
	i.config = `"os":"linux","architecture":"arm64","variant":"v8","author":"me","container":"c","docker_version":"1","id":"i","parent":"p",
		"container_config":{"Hostname":"h","Cmd":null},"moby.buildkit.buildinfo.v1":"b",
		"config":{"User":"1","Labels":{"a":"1","A":"2"},"ExposedPorts":{"80/tcp":{}},"Volumes":null,"OnBuild":null,"Healthcheck":{"Test":["CMD"],"StartInterval":1}}`
	r := i.accepted()
	if r.Platform.Variant != "v8" || r.Platform.Architecture != "arm64" {
		t.Fatal(r.Platform)
	}
	n := r.normalDocument()
	for _, dropped := range []string{"container_config", "id", "parent", "moby.buildkit.buildinfo.v1", "history"} {
		if _, ok := n[dropped]; ok {
			t.Error(dropped)
		}
	}
	if words := "me annotations Size=1 size=2 artifactType=a/b annotations org.opencontainers.image.created=x artifactType=a/b id=i parent=p container_config Hostname=h Cmd moby.buildkit.buildinfo.v1=b"; n["author"] != words {
		t.Fatalf("%q, wanted %q", n["author"], words)
	}
	if n["docker_version"] != "1" || n["config"].(map[string]any)["User"] != "1" {
		t.Fatal(n)
	}
}

func TestNoBaseImageCanBeGuessedFromTheHistory(t *testing.T) {
	for name, c := range map[string]struct{ history, want string }{
		"no base": {
			`[{"created_by":"ADD a","created":"2024-01-01T00:00:00Z"},{"created_by":"CMD x","empty_layer":true}]`,
			`[{"created_by":"ADD a","created":"2024-01-01T00:00:00Z","empty_layer":true},{"created_by":"CMD x","empty_layer":true}]`,
		},
		"the words of the base move on": {
			`[{"created_by":"ADD a","author":"b"},{"created_by":"CMD x","empty_layer":true,"comment":"c"},{"created_by":"RUN y","comment":"d"}]`,
			`[{"created_by":"RUN y","comment":"ADD a b CMD x c d","empty_layer":true}]`,
		},
		"of two bases the last": {
			`[{},{"created_by":"CMD 1","empty_layer":true},{},{"created_by":"/bin/sh -c #(nop)  CMD 2","empty_layer":true},{"created_by":"RUN"},{"created_by":"CMD 3","empty_layer":true}]`,
			`[{"created_by":"RUN","comment":"CMD 1 /bin/sh -c #(nop)  CMD 2 ","empty_layer":true},{"created_by":"CMD 3","empty_layer":true}]`,
		},
		"a CMD with a layer is no base": {`[{"created_by":"CMD x"},{"created_by":"RUN"}]`, `[{"created_by":"CMD x","empty_layer":true},{"created_by":"RUN","empty_layer":true}]`},
		"nulls of builders":             {`[{"created":null,"comment":null}]`, `[{"empty_layer":true}]`},
	} {
		t.Run(name, func(t *testing.T) {
			i := imageOf(t, []thing{file("a", "1")})
			i.config = `"history":` + c.history
			var want any
			json.Unmarshal([]byte(c.want), &want)
			got, _ := json.Marshal(i.accepted().normalDocument()["history"])
			wanted, _ := json.Marshal(want)
			if string(got) != string(wanted) {
				t.Fatalf("got    %s\nwanted %s", got, wanted)
			}
		})
	}
}

func TestTheConfigMustFitTheManifest(t *testing.T) {
	l := plain(tarOf(t, file("a", "1")))
	l.diffID = digestOfBytes([]byte("lie"))
	(&testImage{t: t, layers: []testLayer{l}}).refused("its diff_id is")
	l.diffID = "sha512:x"
	(&testImage{t: t, layers: []testLayer{l}}).refused("diff_id of layer 1")
}

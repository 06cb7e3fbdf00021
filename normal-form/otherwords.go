package main

import "strings"

const (
	// The places of secrets that are in no file.
	inConfig   = "config"
	inManifest = "manifest"
)

// otherWords are all words of manifest and config that Trivy's model of a config does not have: annotations, container_config, unknown keys. Whoever
// pulls the image has them. It also searches every text of both for the forms that the reader knows: in JSON a key of several lines is one line.
func otherWords(manifest, config *object, add func(foundSecret)) []string {
	var words []string
	visitManifest(manifest, searcherOf(inManifest, add), &words)
	search := searcherOf(inConfig, add)
	for _, key := range config.keys {
		switch {
		case key == "config":
			if inner, ok := config.values[key].(*object); ok {
				visitContainer(inner, search, &words)
				continue
			}
			visit(config.values[key], search, nil)
		case key == "container_config":
			if inner, ok := config.values[key].(*object); ok {
				words = append(words, environment(inner)...)
			}
			visitKey(config, key, search, &words)
		case key == "history":
			visitHistory(config.values[key], search, &words)
		case key == "rootfs", isOneOf(key, scannedConfigKeys):
			visit(config.values[key], search, nil)
		default:
			visitKey(config, key, search, &words)
		}
	}
	return words
}

// visitManifest takes the words that describe, and not those that point to blobs.
func visitManifest(v any, search func(string), words *[]string) {
	switch v := v.(type) {
	case []any:
		for _, each := range v {
			visitManifest(each, search, words)
		}
	case *object:
		for _, key := range v.keys {
			switch {
			case isOneOf(key, "config layers subject"):
				visitManifest(v.values[key], search, words)
			case isOneOf(key, "schemaVersion mediaType digest size platform"):
				visit(v.values[key], search, nil)
			default:
				visitKey(v, key, search, words)
			}
		}
	}
}

// visitContainer: of what a container gets, Trivy has what the specifications know.
func visitContainer(o *object, search func(string), words *[]string) {
	for _, key := range o.keys {
		if isOneOf(key, containerKeys) {
			visit(o.values[key], search, nil)
		} else {
			visitKey(o, key, search, words)
		}
	}
}

func visitHistory(v any, search func(string), words *[]string) {
	steps, _ := v.([]any)
	for _, each := range steps {
		o, ok := each.(*object)
		if !ok {
			continue
		}
		for _, key := range o.keys {
			if isOneOf(key, "created created_by author comment empty_layer") {
				visit(o.values[key], search, nil)
			} else {
				visitKey(o, key, search, words)
			}
		}
	}
}

// environment is written as builders write it into the history: variables are judged by name and value (src/core/scanning/secret-variable.ts).
func environment(o *object) []string {
	var words []string
	list, _ := o.values["Env"].([]any)
	for _, each := range list {
		if variable, ok := each.(string); ok {
			words = append(words, "ENV "+variable+" # buildkit")
		}
	}
	return words
}

func visitKey(o *object, key string, search func(string), words *[]string) {
	search(key)
	switch v := o.values[key].(type) {
	case string:
		search(v)
		*words = append(*words, key+"="+v)
	default:
		*words = append(*words, key)
		visit(v, search, words)
	}
}

// visit goes through all that is in a document; without a list of words, it only searches.
func visit(v any, search func(string), words *[]string) {
	switch v := v.(type) {
	case string:
		search(v)
		if words != nil {
			*words = append(*words, v)
		}
	case []any:
		for _, each := range v {
			visit(each, search, words)
		}
	case *object:
		for _, key := range v.keys {
			if words != nil {
				visitKey(v, key, search, words)
				continue
			}
			search(key)
			visit(v.values[key], search, nil)
		}
	}
}

func searcherOf(place string, add func(foundSecret)) func(string) {
	return func(text string) {
		if !strings.ContainsAny(text, "_-") {
			return // as most do not
		}
		s := &secretSearch{found: func(rule string) { add(foundSecret{Path: place, Rule: rule}) }}
		s.search([]byte(text), 0, true)
	}
}

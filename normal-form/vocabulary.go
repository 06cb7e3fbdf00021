package main

import "strings"

// vocabulary gives for the folding of each key that some reader understands its one right spelling.
type vocabulary map[string]string

func vocabularyOf(words ...string) vocabulary {
	v := vocabulary{}
	for _, list := range words {
		for _, word := range strings.Fields(list) {
			v[fold(word)] = word
		}
	}
	return v
}

// The keys of the specifications, and of Docker's own. Everything that compares keys does so by these lists.
// One list serves all objects of a document: no word has two spellings in one kind of document.
const (
	manifestKeys   = `schemaVersion mediaType artifactType config layers subject annotations`
	descriptorKeys = `mediaType artifactType digest size annotations platform`
	// refusedKeys of a descriptor: some readers take the content from there in place of the blob.
	refusedKeys = `data urls`
	indexKeys   = `manifests`

	// scannedConfigKeys are what Trivy reads of a config, but for the history and the list of layers. Only these reach the normal config.
	scannedConfigKeys = `architecture os os.version os.features variant created author container docker_version config`
	otherConfigKeys   = `history rootfs type diff_ids created_by comment empty_layer container_config parent id`
	containerKeys     = `Hostname Domainname User AttachStdin AttachStdout AttachStderr ExposedPorts Tty OpenStdin StdinOnce Env Cmd
		Healthcheck Test Interval Timeout StartPeriod StartInterval Retries ArgsEscaped Image Volumes WorkingDir Entrypoint
		NetworkDisabled MacAddress OnBuild Labels StopSignal StopTimeout Shell`
)

var (
	manifestVocabulary = vocabularyOf(manifestKeys, descriptorKeys, refusedKeys, indexKeys)
	configVocabulary   = vocabularyOf(scannedConfigKeys, otherConfigKeys, containerKeys)
	// tocVocabulary is that of the tables of contents of lazily loaded layers.
	tocVocabulary = vocabularyOf(`version entries tarSplitDigest type name linkName mode size uid gid userName groupName modtime accesstime changetime
		devMajor devMinor numLink xattrs digest offset innerOffset endOffset chunkSize chunkOffset chunkDigest chunkType`)
)

// hasOwnWords: the keys of these objects are the author's own words, so that only equal ones are refused.
var hasOwnWords = map[string]bool{"annotations": true, "Labels": true, "Volumes": true, "ExposedPorts": true, "xattrs": true}

func isOneOf(key string, lists ...string) bool {
	for _, list := range lists {
		for _, word := range strings.Fields(list) {
			if word == key {
				return true
			}
		}
	}
	return false
}

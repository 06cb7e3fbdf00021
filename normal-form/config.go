package main

import "strings"

const maxConfig = 8 << 20

// config is an image's config: what of it the scanner shall see, and the hash of each layer's tar.
type config struct {
	object  *object
	diffIDs []string
	history []any
}

func parseConfig(raw []byte, layers int) (config, error) {
	var c config
	const what = "the config"
	o, err := parseStrict(what, raw, configVocabulary)
	if err != nil {
		return c, err
	}
	c.object = o
	rootfs, err := o.object(what, "rootfs")
	if err != nil {
		return c, err
	}
	if t, err := rootfs.text(what, "type", true); err != nil || t != "layers" {
		return c, refuse("%s: its rootfs is not of the type \"layers\"", what)
	}
	var ids []any
	if v, ok := rootfs.values["diff_ids"]; ok && v == nil && layers == 0 {
		// an image without layers: Go's builders write null
	} else if ids, err = rootfs.list(what, "diff_ids"); err != nil {
		return c, err
	}
	if len(ids) != layers {
		return c, refuse("the manifest has %d layers, the config %d diff_ids", layers, len(ids))
	}
	for i, v := range ids {
		id, ok := v.(string)
		if !ok || !isDigest(id) {
			return c, refuse("%s: the diff_id of layer %d is no sha256 digest", what, i+1)
		}
		c.diffIDs = append(c.diffIDs, id)
	}
	c.history, err = normalHistory(o)
	return c, err
}

func (c config) platform() (*platform, error) {
	p := &platform{}
	for key, to := range map[string]*string{"os": &p.OS, "architecture": &p.Architecture, "variant": &p.Variant} {
		word, err := c.object.text("the config", key, false)
		if err != nil {
			return nil, err
		}
		*to = word
	}
	return p, nil
}

// normal is the config of the normal form: what Trivy's own model of a config has, and nothing else. The words of all else join those of the author,
// where the search for secrets reads them, and nothing else does.
func (c config) normal(diffIDs []string, others []string) map[string]any {
	n := map[string]any{"rootfs": map[string]any{"type": "layers", "diff_ids": diffIDs}}
	for _, key := range strings.Fields(scannedConfigKeys) {
		if v, ok := c.object.values[key]; ok {
			n[key] = v
		}
	}
	if len(c.history) > 0 {
		n["history"] = c.history
	}
	if len(others) > 0 {
		author, _ := n["author"].(string)
		n["author"] = strings.Join(append([]string{author}, others...), " ")
	}
	return n
}

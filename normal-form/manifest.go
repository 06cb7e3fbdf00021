package main

import (
	"fmt"
	"strings"
)

const (
	maxManifest = 4 << 20 // what registries take at most
	maxLayers   = 500     // overlayfs itself mounts at most 500

	ociManifestType = "application/vnd.oci.image.manifest.v1+json"
	ociConfigType   = "application/vnd.oci.image.config.v1+json"
	ociTarType      = "application/vnd.oci.image.layer.v1.tar"

	dockerManifestType = "application/vnd.docker.distribution.manifest.v2+json"
	dockerConfigType   = "application/vnd.docker.container.image.v1+json"
)

type descriptor struct {
	mediaType, digest string
	size              int64
	annotations       map[string]string
}

// manifest is an image manifest, with nothing in it that readers could take differently.
type manifest struct {
	config descriptor
	layers []descriptor
	object *object
}

func parseManifest(raw []byte) (manifest, error) {
	var m manifest
	o, err := parseStrict("the manifest", raw, manifestVocabulary)
	if err != nil {
		return m, err
	}
	m.object = o
	if version, err := o.size("the manifest", "schemaVersion"); err != nil || version != 2 {
		return m, refuse("the manifest is not of schema version 2: rebuild the image with a builder of this decade")
	}
	mediaType, err := o.text("the manifest", "mediaType", false)
	if err != nil {
		return m, err
	}
	if _, ok := o.values["manifests"]; ok {
		return m, refuse("this is an image index, which has no layers: scan the images in it")
	}
	switch mediaType {
	case "", ociManifestType, dockerManifestType:
	default:
		return m, refuse("%.100q is no image manifest", mediaType)
	}
	for _, key := range o.keys {
		if !isOneOf(key, manifestKeys) {
			return m, refuse("the manifest has the key %.40q, which the specification does not know", key)
		}
	}
	layers, err := o.list("the manifest", "layers")
	if err != nil {
		return m, err
	}
	if isAttestation(layers) {
		return m, refuse("this is an attestation (in-toto), no image: there is nothing in it that could run")
	}
	if m.config, err = parseDescriptor("the config", o.values["config"]); err != nil {
		return m, err
	}
	if m.config.mediaType != ociConfigType && m.config.mediaType != dockerConfigType {
		return m, refuse("the config is of type %.100q: this is no container image", m.config.mediaType)
	}
	if len(layers) > maxLayers {
		return m, refuse("the manifest has %d layers, a runtime mounts at most %d", len(layers), maxLayers)
	}
	for i, v := range layers {
		d, err := parseDescriptor(fmt.Sprintf("layer %d", i+1), v)
		if err != nil {
			return m, err
		}
		m.layers = append(m.layers, d)
	}
	return m, nil
}

// isAttestation: BuildKit puts one beside every image in an index, as a manifest of its own.
func isAttestation(layers []any) bool {
	for _, v := range layers {
		if o, ok := v.(*object); ok {
			if mediaType, _ := o.values["mediaType"].(string); strings.HasPrefix(mediaType, "application/vnd.in-toto") {
				return true
			}
		}
	}
	return false
}

func parseDescriptor(what string, v any) (descriptor, error) {
	var d descriptor
	o, ok := v.(*object)
	if !ok {
		return d, refuse("%s has no descriptor", what)
	}
	for _, key := range o.keys {
		if isOneOf(key, refusedKeys) {
			return d, refuse("%s: its descriptor has the field %q, from which some readers take the content in place of the blob", what, key)
		}
		if !isOneOf(key, descriptorKeys) {
			return d, refuse("%s: its descriptor has the field %.40q, which the specification does not know", what, key)
		}
	}
	var err error
	if d.mediaType, err = o.text(what, "mediaType", true); err != nil {
		return d, err
	}
	if d.digest, err = o.text(what, "digest", true); err != nil {
		return d, err
	}
	if !isDigest(d.digest) {
		return d, refuse("%s: %.100q is no sha256 digest", what, d.digest)
	}
	if d.size, err = o.size(what, "size"); err != nil {
		return d, err
	}
	if _, ok := o.values["annotations"]; !ok || o.values["annotations"] == nil {
		return d, nil
	}
	annotations, err := o.object(what, "annotations")
	if err != nil {
		return d, err
	}
	d.annotations = map[string]string{}
	for _, key := range annotations.keys {
		if d.annotations[key], err = annotations.text(what, key, true); err != nil {
			return d, err
		}
	}
	return d, nil
}

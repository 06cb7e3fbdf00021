package differential

import "strings"

// layerHidings spread over layers what is in one.
var layerHidings = []hiding{
	{"written again in a layer above", "", func(i *packageImage, at *declaring) {
		l := &tarball{end: make([]byte, 2*block)}
		e := at.clone()
		l.entries = append(l.entries, e)
		i.layers = append(i.layers, l)
		if i.oneIn(2) {
			at.set(pick(i.generator, "", "x", "{}", string(at.data)+"\n"))
		} else {
			e.set(pick(i.generator, "", "x", "{}", string(at.data)+"\n", strings.Replace(string(at.data), "1", "2", 1)))
		}
	}},
	{"deleted and written again", "", func(i *packageImage, at *declaring) {
		i.whiteout(at.name)
		e := at.clone()
		if i.oneIn(2) {
			e.set(strings.Replace(string(at.data), "1", "2", 1))
		}
		i.layers = append(i.layers, &tarball{end: make([]byte, 2*block), entries: []*entry{e}})
	}},
	{"deleted", "", func(i *packageImage, at *declaring) { i.whiteout(at.name) }},
	{"folder emptied and filled again", "", func(i *packageImage, at *declaring) {
		parts := strings.Split(at.name, "/")
		if len(parts) < 2 {
			return
		}
		at2 := strings.Join(parts[:1+i.Intn(len(parts)-1)], "/")
		e := at.clone()
		i.layers = append(i.layers, &tarball{end: make([]byte, 2*block), entries: []*entry{folder(at2), opaque(at2), e}})
	}},
	{"in a layer below with other content", "", func(i *packageImage, at *declaring) {
		e := at.clone()
		e.set(pick(i.generator, "", "x", "{}"))
		i.layers = append([]*tarball{{end: make([]byte, 2*block), entries: []*entry{e}}}, i.layers...)
		for _, d := range i.declaring {
			d.layer++
		}
	}},
	{"replaced by a link in a layer above", "", func(i *packageImage, at *declaring) {
		e := at.clone()
		e.name = "srv/hidden/" + pick(i.generator, "x", "a.txt")
		i.layers = append(i.layers, &tarball{end: make([]byte, 2*block), entries: []*entry{e, symlink(at.name, "/"+e.name)}})
	}},
}

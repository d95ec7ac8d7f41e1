package license

import (
	"bytes"
	"fmt"
	"go/build"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/codemill/codemill/license/internal/compile/tables"
	"github.com/codemill/codemill/license/spdx"
)

const mit = `MIT License

Copyright (c) 2020 The Example Authors

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
`

const isc = `Permission to use, copy, modify, and/or distribute this software for any
purpose with or without fee is hereby granted, provided that the above
copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH
REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY AND
FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT,
INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS
OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER
TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF
THIS SOFTWARE.
`

const (
	gplNotice = `This program is free software: you can redistribute it and/or modify
it under the terms of the GNU General Public License as published by
the Free Software Foundation, either version 3 of the License, or
(at your option) any later version.
`
	apacheNotice = `Licensed under the Apache License, Version 2.0 (the "License");
you may not use this file except in compliance with the License.
You may obtain a copy of the License at

    http://www.apache.org/licenses/LICENSE-2.0

Unless required by applicable law or agreed to in writing, software
distributed under the License is distributed on an "AS IS" BASIS,
WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
See the License for the specific language governing permissions and
limitations under the License.
`
	bsdPointer = `Copyright 2009 The Go Authors. All rights reserved.
Use of this source code is governed by a BSD-style
license that can be found in the LICENSE file.
`
	disclaimer = `This software is provided "AS IS" and any express or implied warranties,
including, but not limited to, the implied warranties of merchantability and
fitness for a particular purpose, are disclaimed. In no event shall the authors
be liable for any direct, indirect, incidental, special, exemplary, or
consequential damages (including, but not limited to, procurement of substitute
goods or services; loss of use, data, or profits; or business interruption)
however caused and on any theory of liability, whether in contract, strict
liability, or tort (including negligence or otherwise) arising in any way out of
the use of this software, even if advised of the possibility of such damage.
`
	qtCommercial = `Commercial License Usage
Licensees holding valid commercial Qt licenses may use this file in
accordance with the commercial license agreement provided with the
Software or, alternatively, in accordance with the terms contained in
a written agreement between you and The Qt Company. For licensing terms
and conditions see https://www.qt.io/terms-conditions. For further
information use the contact form at https://www.qt.io/contact-us.

`
	commons = `"Commons Clause" License Condition v1.0

The grant of rights under the License will not include, and the License does not grant to you, the right to Sell the Software.
`
)

// said writes a finding in short.
func said(f Finding) string {
	s := f.Expression + " " + f.Type
	if f.Elsewhere {
		s += " elsewhere"
	}
	return strings.TrimSpace(s)
}

func TestFile(t *testing.T) {
	swap := func(text, old, new string) string {
		t.Helper()
		if !strings.Contains(text, old) {
			t.Fatalf("%q is not in the text", old)
		}
		return strings.Replace(text, old, new, 1)
	}
	var r Recognizer
	for _, c := range []struct{ name, text, want string }{
		{"as it is", mit, "MIT permissive"},
		{"without title and line breaks", strings.ReplaceAll(mit[len("MIT License\n\n"):], "\n", " "), "MIT permissive"},
		{"in capitals, of somebody else", strings.ToUpper(swap(mit, "2020 The Example Authors", "1999 Nobody <a@b.example>, all rights reserved")), "MIT permissive"},
		{"a name alone", "MIT\n", "MIT permissive"},
		{"a sentence", "x is licensed under the MIT License.\n", "MIT permissive"},
		{"a name and an address", "Apache License 2.0\nhttps://www.apache.org/licenses/LICENSE-2.0\n", "Apache-2.0 permissive"},
		{"a tag", "SPDX-License-Identifier: ISC\n", "ISC permissive"},
		{"a tag that says less", "SPDX-License-Identifier: MIT\n\n" + gplNotice, "MIT AND GPL-3.0-or-later copyleft"},
		// what text around takes away
		{"non-commercial grant", swap(mit, "without restriction", "for non-commercial purposes only"), "MIT AND LicenseRef-restricted restricted"},
		{"Commons Clause", commons + "\n" + mit, "LicenseRef-Commons-Clause AND MIT restricted"},
		{"rider", mit + "\nADDITIONAL TERMS: You may not use this software to compete with Example Corp.\n", "MIT AND LicenseRef-restricted restricted"},
		{"a rider between copyright and text", swap(mit, "Authors\n", "Authors. You may not use this software to compete with us.\n"), "MIT AND LicenseRef-restricted restricted"},
		{"a part under the GPL, said between copyright and text", swap(mit, "Authors\n", "Authors (C) 2021 Others\n\nx.c is under the GPLv2.\n"), "GPL-2.0-only AND MIT copyleft"},
		{"many copyrights", swap(mit, "Authors\n", "Authors, (c) 2021 B. All rights reserved.\nCopyright (C) © 2022 C <c@example.org>\n"), "MIT permissive"},
		{"no training", swap(mit, "THE SOFTWARE IS", "The Software may not be used to train machine learning models.\n\nTHE SOFTWARE IS"), "MIT AND LicenseRef-restricted restricted"},
		{"Lua's", "Lua is licensed under the terms of the MIT license reproduced below.\nThis means that Lua is free software and can be used for both academic\nand commercial purposes at absolutely no cost.\n\n" + mit, "MIT permissive"},
		{"academic alone", mit + "\nThis can be used for academic purposes.\n", "MIT AND LicenseRef-unknown unknown"},
		{"X.org's MIT", strings.NewReplacer("sublicense", "sub license", "this permission notice", "this permission notice (including the\nnext paragraph)", "NONINFRINGEMENT", "NON-INFRINGEMENT", "THE\nAUTHORS OR COPYRIGHT HOLDERS", "EXAMPLE AND/OR\nITS SUPPLIERS").Replace(mit), "MIT permissive"},
		{"X11's last clause", mit + "\nExcept as contained in this notice, the name of the X Consortium shall not\nbe used in advertising or otherwise to promote the sale, use or other deal-\nings in this Software without prior written authorization from the X Consor-\ntium.\n", "MIT permissive"},
		{"a right less", swap(mit, "and/or sell\n", "and/or modified\n"), "MIT AND LicenseRef-unknown unknown"},
		{"conditions", mit + "\nProvided that you send us a postcard. You must notify us of changes.\n", "MIT AND LicenseRef-unknown unknown"},
		{"Good, not Evil", mit + "\nThe Software shall be used for Good, not Evil.\n", "MIT AND JSON restricted"},
		{"a commercial licence besides", mit + "\nFor other uses buy a commercial license.\n", "MIT AND LicenseRef-unknown unknown"},
		{"a part under the GPL", mit + "\nThe files in gnu/ are under the GNU General Public License.\n", "MIT AND LicenseRef-GPL copyleft"},
		// what it does not
		{"thanks", mit + "\nThanks to everybody who helped, and to the authors of libfoo 2.1.\n", "MIT permissive"},
		{"GPL-compatible", isc + "\nThis license is approved by the OSI and FSF as GPL-compatible.\n", "ISC permissive"},
		// several
		{"ISC's grant with another disclaimer", isc[:strings.Index(isc, "THE SOFTWARE")] + "This software is provided 'as is' and without any warranty. In no event shall the authors be liable.\n", "ISC permissive"},
		{"the US government's rights", mit + "\nUse by the Government is subject to restrictions as set forth in FAR 52.227.19.\n", "MIT permissive"},
		{"restrictions", mit + "\nUse by the Government is subject to restrictions.\n", "MIT AND LicenseRef-unknown unknown"},
		{"ISC's grant with a condition", isc[:strings.Index(isc, "THE SOFTWARE")] + "It may not be used in weapons.\n", "ISC AND LicenseRef-unknown unknown"},
		{"HPND's grant in another order", "Permission is hereby granted to use, copy, modify and freely distribute the\nsoftware in this file and its documentation for any purpose without fee,\nprovided that the above copyright notice appears in all copies and that both\nthe copyright notice and this permission notice appear in supporting\ndocumentation. Further, provided that the name of A not be used in advertising or\npublicity pertaining to distribution of the software without prior written\npermission from A. It is provided \"as is\" without express or implied warranty.\n", "HPND permissive"},
		{"MIT of the X Consortium", swap(mit, ", and to permit persons to whom the Software is\nfurnished to do so, subject to the following conditions:", "."), "MIT permissive"},
		{"both", mit + "\n---\n\n" + isc, "MIT AND ISC permissive"},
		{"one of two", "This project is dual-licensed. You may use it under either of the following, at your option:\n\n" + mit + "\n\n" + gplNotice, "MIT OR GPL-3.0-or-later permissive"},
		{"alternatively", isc + "\nAlternatively, this software may be distributed under the terms of the GPLv2.\n", "ISC OR GPL-2.0-only permissive"},
		{"a list of names", "Licensed under either of Apache License, Version 2.0 or MIT license at your option.\n", "Apache-2.0 OR MIT permissive"},
		{"a slash", "License: MIT/Apache-2.0\n", "MIT OR Apache-2.0 permissive"},
		{"a slash beside what is not permissive", "License: GPLv2/MIT\n", "GPL-2.0-only AND MIT copyleft"},
		{"a choice with a slash", "Dual licensed under GPLv2/MIT.\n", "GPL-2.0-only OR MIT permissive"},
		{"parts", "The first part is covered by the GPL. Alternatively, see below.\nThe second part is covered by the MIT license.\n", "LicenseRef-GPL AND MIT copyleft"},
		{"a list with or", "Licensed under the terms of the CC0 1.0, the MIT license or the GPLv2.\n", "CC0-1.0 OR MIT OR GPL-2.0-only permissive"},
		{"a list with and", "Licensed under the terms of the CC0 1.0, the MIT license and the GPLv2.\n", "CC0-1.0 AND MIT AND GPL-2.0-only copyleft"},
		{"either, and another part", "This library is under either the MIT or the BSD license. The program that uses it is under the GPLv3.\n", "(MIT OR LicenseRef-BSD) AND GPL-3.0-only copyleft"},
		{"GPL, and a part with a choice", gplNotice + "\nThe parser is dual-licensed under the ISC license and the MIT license.\n", "GPL-3.0-or-later AND (ISC OR MIT) copyleft"},
		{"a comma", "Parts are under the MIT license, others under the GPLv3.\n", "MIT AND GPL-3.0-only copyleft"},
		{"Perl's", "You can redistribute it and/or modify it under the same terms as Perl itself.\n", "Artistic-1.0-Perl OR GPL-1.0-or-later permissive"},
		{"a choice, then its texts", "Dual licensed under the MIT and GPL licenses:\n\n" + mit + "\n\n" + gplNotice, "MIT OR LicenseRef-GPL permissive"},
		// elsewhere, unknown, nothing
		{"stub", "See the file COPYING in the root directory.\n", "none elsewhere"},
		{"BSD-style pointer", bsdPointer, "none elsewhere"},
		{"all rights reserved", "Copyright 2020 X. All rights reserved.\n", "unknown"},
		{"terms of its own", "You may look at this but nothing else.\n", "unknown"},
		{"empty", "", "none"},
		{"brackets", strings.Repeat("(", 1<<20), "none"},
		{"to the last byte", strings.Repeat("\n", maxTextBytes-len(mit)) + mit, "MIT permissive"},
		{"one byte more than is read", strings.Repeat("\n", maxTextBytes-len(mit)) + mit + "\n", "MIT AND LicenseRef-unknown unknown"},
	} {
		f := r.File([]byte(c.text))
		if got := said(f); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if !slices.IsSorted(f.Detected) || f.Line < 0 || f.Line > 1+strings.Count(c.text, "\n") {
			t.Errorf("%s: %v, line %d", c.name, f.Detected, f.Line)
		}
	}
	if f := r.File([]byte("\n\n" + isc)); f.Line != 3 || !slices.Equal(f.Detected, []string{"ISC"}) {
		t.Errorf("%+v", f)
	}
	if text, err := os.ReadFile(filepath.Join(build.Default.GOROOT, "LICENSE")); err == nil {
		if got := said(r.File(text)); got != "BSD-3-Clause permissive" {
			t.Errorf("Go's: %q", got)
		}
		clause := bytes.Index(text, []byte("Neither the name"))
		end := bytes.Index(text, []byte("THIS SOFTWARE IS"))
		changed := bytes.Replace(text, text[clause:end], []byte("Everybody who makes a product of it shall send us a copy of it within thirty days.\n\n"), 1)
		if got := r.File(changed); got.Type == Permissive {
			t.Errorf("Go's with another clause: %q", said(got))
		}
	}
}

func TestHead(t *testing.T) {
	comment := func(text string) string {
		return "# " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n# ") + "\nx = 1\n"
	}
	const tag = "# SPDX-License-Identifier: MIT\n"
	var r Recognizer
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "x = 1\n", "none"},
		{"a tag behind letters that are shorter in small", "# \u212a\u212a SPDX-License-Identifier: MIT\nx = 1\n", "MIT permissive"},
		{"a tag behind dashes", "# --SPDX--spdx-License-identifier: MIT\nx = 1\n", "MIT permissive"},
		{"a description", "# Reads a file, which may not be empty.\nx = 1\n", "none"},
		{"a description of licences", "# Parses the license key of a product.\nx = 1\n", "none"},
		{"a copyright", "# Copyright 2020 A. All rights reserved.\nx = 1\n", "none"},
		{"below a line", "#!/bin/sh\n# A script.\n\ntimestamp='2022-01-09'\n\n" + comment(gplNotice), "GPL-3.0-or-later copyleft"},
		{"below two lines", "x = 1\ny = 2\n" + comment(gplNotice), "none"},
		{"based on what is in the public domain", comment("Based on public domain code written in 2012 by A."), "none"},
		{"a tag", tag, "MIT permissive"},
		{"a tag twice", tag + tag, "MIT permissive"},
		{"two", tag + "# SPDX-License-Identifier: GPL-3.0-only\n", "MIT AND GPL-3.0-only copyleft"},
		{"or", "# SPDX-License-Identifier: MIT OR GPL-2.0-only\n" + "# SPDX-License-Identifier: ISC\n", "(MIT OR GPL-2.0-only) AND ISC permissive"},
		{"with a note", "# SPDX-License-Identifier: GPL-2.0-only (see COPYING)\n", "unknown"},
		{"with a slash", "# SPDX-License-Identifier: MIT/GPL-2.0\n", "unknown"},
		{"with a space", "# SPDX-License-Identifier : GPL-2.0-only\n", "GPL-2.0-only copyleft"},
		{"with a comma", "# SPDX-License-Identifier: GPL-2.0-only, MIT\n", "unknown"},
		{"before code", "/* SPDX-License-Identifier: GPL-2.0-only */ #include <x.h>\n", "GPL-2.0-only copyleft"},
		{"over two lines", "/* SPDX-License-Identifier: MIT AND\n *   GPL-2.0-only */\nint x;\n", "unknown"},
		{"one of two not read", tag + "# SPDX-License-Identifier: see below\n", "MIT AND LicenseRef-unknown unknown"},
		{"of HTML", "<!-- SPDX-License-Identifier: Apache-2.0 -->", "Apache-2.0 permissive"},
		{"an exception", "/* SPDX-License-Identifier: (GPL-2.0 WITH Linux-syscall-note) OR MIT */", "(GPL-2.0 WITH Linux-syscall-note) OR MIT permissive"},
		{"the words", "# The tag SPDX-License-Identifier is read.\nx = 1\n", "none"},
		{"on the last line", "x\n" + strings.Repeat("\n", tagLines-2) + tag, "MIT permissive"},
		{"on the next", "x\ny" + strings.Repeat("\n", tagLines-1) + tag, "none"},
		{"in a comment that is longer", strings.Repeat("# a\n", tagLines) + tag, "MIT permissive"},
		{"to the last byte", "x" + strings.Repeat(" ", tagBytes-len(tag)) + tag, "MIT permissive"},
		{"a byte beyond", "x" + strings.Repeat(" ", tagBytes-len(tag)+len("MIT\n")) + tag, "unknown"},
		{"GPL", comment(gplNotice), "GPL-3.0-or-later copyleft"},
		{"GPL in C", "/*\n * Copyright (C) 2020 A\n *\n * " + strings.ReplaceAll(gplNotice, "\n", "\n * ") + "*/\nint x;\n", "GPL-3.0-or-later copyleft"},
		{"GPL in M4", "dnl " + strings.ReplaceAll(gplNotice, "\n", "\ndnl ") + "\nAC_INIT\n", "GPL-3.0-or-later copyleft"},
		{"Apache", comment(apacheNotice), "Apache-2.0 permissive"},
		{"MIT in full", comment(mit), "MIT permissive"},
		{"Apache and a description", comment("Reads a file that may not be empty, for commercial use too.\n\n" + apacheNotice), "Apache-2.0 permissive"},
		{"a name", comment("Copyright (c) 2020 A. Licensed under the MIT license."), "MIT permissive"},
		{"words under the copyright that no pattern fits", comment("Copyright (C) 2010 A.\n\nThis is free software under version 2 of the GNU General Public License.\n\nThis program is distributed in the hope that it will be useful, but WITHOUT\nANY WARRANTY; without even the implied warranty of MERCHANTABILITY or\nFITNESS FOR A PARTICULAR PURPOSE."), "LicenseRef-GPL copyleft"},
		{"Released under GPLv2", comment("Released under GPLv2"), "GPL-2.0-only copyleft"},
		{"a part with a choice, then a notice", comment("The library is under either the LGPL or the BSD license.\n\n" + strings.ReplaceAll(gplNotice, "GNU General", "GNU Lesser General")), "(LicenseRef-LGPL OR LicenseRef-BSD) AND LGPL-3.0-or-later copyleft"},
		{"a choice of what stands above", comment("Licensed under both the BSD-style license (found in the LICENSE file) and the\nGPLv2 (found in COPYING).\nYou may select, at your option, one of the above-listed licenses."), "LicenseRef-BSD OR GPL-2.0-only permissive"},
		{"a choice of what stands above, not of what is further up", comment("Licensed under the GPLv3.\n\nThe parser is under the BSD license and the GPLv2.\nSelect one of the above-listed licenses."), "GPL-3.0-only AND (LicenseRef-BSD OR GPL-2.0-only) copyleft"},
		{"no choice", comment("Licensed under both the BSD-style license (found in the LICENSE file) and the\nGPLv2 (found in COPYING)."), "LicenseRef-BSD AND GPL-2.0-only copyleft"},
		{"a name", comment("This code is released under the libpng license. See png.h."), "libpng-2.0 permissive"},
		{"an interpreter", "#!/usr/bin/perl\n\n# Copyright 2010 A. Licensed under the GPL version 2.\n\nuse strict;\n", "GPL-2.0-only copyleft"},
		{"an interpreter alone", "#!/usr/bin/perl\n# Copyright 2010 A\n\nuse strict;\n", "none"},
		{"a title", comment("A Perl module, written at MIT.\n\nCopyright 2010 A. Released under the GPL."), "LicenseRef-GPL copyleft"},
		{"a title alone", comment("Runs under BSD and Perl 5, with zlib and Apache.\n\nCopyright 2010 A."), "none"},
		{"a title and what it names by another way", comment(qtCommercial + "GNU Lesser General Public License Usage\nAlternatively, this file may be used under the terms of the GNU Lesser\nGeneral Public License version 3 as published by the Free Software Foundation.\n\nGNU General Public License Usage\nAlternatively, this file may be used under the terms of the GNU\nGeneral Public License version 2.0 or (at your option) the GNU General\nPublic license version 3 or any later version."), "LGPL-3.0-only AND GPL-2.0-only copyleft"},
		{"a short name", comment("Copyright 2010 A\nLicense: MIT"), "MIT permissive"},
		{"a short name under which something is", comment("Copyright 2010 A, released under MIT"), "MIT permissive"},
		{"parts, the last with a choice", comment("Licenses of the libraries: LGPL, examples: MIT license, tools: LGPL or GPL"), "MIT AND (LicenseRef-LGPL OR LicenseRef-GPL) copyleft"},
		{"a list with a choice", comment("Licensed under the MIT license, the LGPL version 3 or the GPL"), "MIT OR LGPL-3.0-only OR LicenseRef-GPL permissive"},
		{"a pointer", comment("See LICENSE for details."), "none elsewhere"},
		{"a BSD pointer", comment(bsdPointer), "none elsewhere"},
		{"a pointer of a BSD style in capitals", comment("USE OF THIS SOURCE IS GOVERNED BY A BSD-STYLE SOURCE LICENSE INCLUDED WITH THIS SOURCE IN 'COPYING'."), "none elsewhere"},
		{"the licence of a package", comment("This file is distributed under the same license as the example package."), "none elsewhere"},
		{"the licence of another", comment("This file is distributed under the same license as Example."), "unknown"},
		{"automake's", comment("This Makefile.in is free software; the Free Software Foundation\ngives unlimited permission to copy and/or distribute it,\nwith or without modifications, as long as this notice is preserved.\n\nThis program is distributed in the hope that it will be useful,\nbut WITHOUT ANY WARRANTY, to the extent permitted by law; without\neven the implied warranty of MERCHANTABILITY or FITNESS FOR A\nPARTICULAR PURPOSE."), "FSFULLRWD permissive"},
		{"the end of a GPL notice", comment("Copyright 2010 A\n\nYou should have received a copy of the GNU General Public License along with this program."), "LicenseRef-GPL copyleft"},
		{"a box", "/*********\n * SPDX-License-Identifier: LGPL-2.0-or-later *\n *********/", "LGPL-2.0-or-later copyleft"},
		{"a name of no known licence", comment("Licensed under the Example Public License. See COPYING."), "unknown"},
		{"another kind of licence", comment("Subject to the Example Public Source License Version 1.1 (the 'License'). You may not use this file except in compliance with the License. Please obtain a copy of the License at http://www.example.com/ and read it in full."), "unknown"},
		{"the project's licence", comment("Subject to the Project License. See the LICENSE file."), "none elsewhere"},
		{"misspelt", comment("Copyright 2010 A. Distributed under GLPv2."), "LicenseRef-GPL copyleft"},
		{"misspelt otherwise", comment("Copyright 2010 A. The lisence is the one of Example."), "unknown"},
		{"a disclaimer and a name", comment("Under the terms of the GNU General Public License as published by the FSF.\n\n" + disclaimer), "LicenseRef-GPL copyleft"},
		{"a disclaimer alone", comment(disclaimer), "none"},
		{"reserved", comment("Copyright 2010 A. This program is confidential and may not be copied."), "unknown"},
		{"no grant", comment("Copyright 2010 A. Redistribution is prohibited without the written consent of A."), "unknown"},
		{"no commerce", comment("Copyright 2010 A. For non-commercial use only."), "unknown"},
		{"a licence unknown", comment("Licensed under the Example Terms."), "unknown"},
		{"non-commercial", comment("Permission to use this software for non-commercial purposes is hereby granted."), "LicenseRef-restricted restricted"},
		{"Qt's commercial licence or the GPL", comment(qtCommercial + "GNU General Public License Usage\nAlternatively, this file may be used under the terms of the GNU\nGeneral Public License version 3 as published by the Free Software Foundation."), "GPL-3.0-only copyleft"},
		{"Qt's commercial licence or BSD's", comment(qtCommercial + "BSD License Usage\nAlternatively, you may use this file under the terms of the BSD license\nas in COPYING."), "none elsewhere"},
		{"Qt's commercial licence alone", comment(qtCommercial), "LicenseRef-scancode-digia-qt-commercial restricted"},
		{"Qt's commercial licence for evaluation", comment(qtCommercial + "This file is for evaluation only.\nAlternatively, this file may be used under the terms of the BSD license."), "(LicenseRef-scancode-digia-qt-commercial OR LicenseRef-BSD) AND LicenseRef-restricted restricted"},
		{"MIT with a rider", comment(mit + "\n\nThe software may not be used to train language models."), "MIT AND LicenseRef-restricted restricted"},
	} {
		f := r.Head([]byte(c.text), "")
		if got := said(f); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if f := r.Head([]byte("#!/bin/sh\n\n"+tag), "Shell"); f.Line != 3 {
		t.Errorf("%+v", f)
	}
	if f := r.Head([]byte("#!/bin/sh\n#\n"+comment(apacheNotice)), "Shell"); f.Line != 3 {
		t.Errorf("%+v", f)
	}
}

func TestReadme(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"# x\n\nA thing.\n", "none"},
		{"# x\n\n## License\n\nMIT\n", "MIT permissive"},
		{"# x\n\n## License\n\nGPL-3.0\n", "GPL-3.0 copyleft"},
		{"# x\n\nLicense\n-------\n\n[MIT](LICENSE) © A\n\nUse\n---\nGPL\n", "MIT permissive"},
		{"# x\n\n## Licence\n\nSee [LICENSE](LICENSE).\n", "none elsewhere"},
		{"# x\n\n## License\n\nApache 2.0 or MIT, at your option.\n", "Apache-2.0 OR MIT permissive"},
		{"# x\n\n## License\n\nMIT for the code, CC BY-NC 4.0 for the images.\n", "MIT AND CC-BY-NC-4.0 restricted"},
		{"# x\n\n## License\n\nFor academic use only.\n", "LicenseRef-restricted restricted"},
		{"x\n\nx is licensed under the Apache License, Version 2.0.\n", "Apache-2.0 permissive"},
		{"x\n\nIt reads the GPL aloud.\n", "none"},
		{"# x\n\n## License\n\nThis perl module is under the GPL.\n", "LicenseRef-GPL copyleft"},
		{"# x\n\n## License\n\nUnder the same terms as perl.\n", "Artistic-1.0-Perl OR GPL-1.0-or-later permissive"},
		{"# x\n\n## License plates\n\nMIT made them.\n", "none"},
		{"# x\n\n## License\n\n" + mit + "\n## Other\n\nYou may not.\n", "MIT permissive"},
	} {
		if got := said(Readme([]byte(c.text))); got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
	if f := Readme([]byte("# x\n\n## License\n\nMIT\n")); f.Line != 5 {
		t.Errorf("%+v", f)
	}
}

// TestPatterns holds every pattern against its own text: what is not permissive
// is never taken for it, and what is restricted is known for that.
func TestPatterns(t *testing.T) {
	n := 0
	generated, err := os.ReadFile("texts.lre")
	if err != nil {
		t.Fatal(err)
	}
	_, patterns, _ := strings.Cut(string(generated), "=== ")
	for p := range strings.SplitSeq(patterns, "\n=== ") {
		id, text, _ := strings.Cut(p, "\n")
		if strings.HasPrefix(id, "WITH ") || strings.Contains(text, "__") {
			continue
		}
		n++
		f := judge([]byte(text), scan([]byte(text), licenceFile), licenceFile)
		want := TypeOf(id)
		if want != Permissive && f.Type == Permissive || want == Restricted && f.Type != Restricted {
			t.Errorf("%s: %s, want %s", id, said(f), want)
		}
		if !spdx.Valid(id) {
			t.Errorf("%s is no expression", id)
		}
	}
	if n < 1000 {
		t.Errorf("only %d patterns", n)
	}
}

// TestMemo: what is remembered is what would be found anew, whoever asks at once.
func TestMemo(t *testing.T) {
	texts := []string{mit, isc, gplNotice, apacheNotice, commons, "", "See COPYING."}
	var shared Recognizer
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for _, text := range texts {
				for range 2 {
					var fresh Recognizer
					file, head := []byte(text), []byte("/*"+text+"*/")
					if got, want := fmt.Sprint(shared.File(file)), fmt.Sprint(fresh.File(file)); got != want {
						t.Errorf("%.20q: %s, want %s", text, got, want)
					}
					if got, want := fmt.Sprint(shared.Head(head, "")), fmt.Sprint(fresh.Head(head, "")); got != want {
						t.Errorf("%.20q: %s, want %s", text, got, want)
					}
				}
			}
		})
	}
	wg.Wait()
	if n := len(shared.known); n == 0 || n > maxKnown {
		t.Errorf("%d are known", n)
	}
}

// TestMemoIsSmall: what takes much memory is not remembered.
func TestMemoIsSmall(t *testing.T) {
	var r Recognizer
	var text strings.Builder
	for i := range 100 {
		fmt.Fprintf(&text, "SPDX-License-Identifier: LicenseRef-%d\n", i)
	}
	r.File([]byte(text.String()))
	r.File([]byte(mit))
	if len(r.known) != 1 {
		t.Errorf("%d are known", len(r.known))
	}
	if reuse := r.Read(reuseForm, []byte("[[annotations]]\npath = \"**\"\nSPDX-License-Identifier = \"MIT\"")); reuse.Small() {
		t.Error("what REUSE says is small")
	}
}

// What cannot be read without a panic is unknown, and is not nothing.
func TestPanics(t *testing.T) {
	var r Recognizer
	if f := r.remember([]byte("x"), fileHead, func() Finding { panic("x") }); f.Type != Unknown {
		t.Errorf("a text is %s", f.Type)
	}
	if s := r.Read("no form", nil); s.Type != Unknown { // its function is nil
		t.Errorf("a manifest is %s", s.Type)
	}
}

// FuzzText: whatever a text says, its type is one of five, its expression has
// that type, and it is found again.
func FuzzText(f *testing.F) {
	for _, s := range []string{mit, isc, gplNotice, apacheNotice, bsdPointer, commons, "# License\n\nMIT", "SPDX-License-Identifier: ((", "\xff under the \xc3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var r Recognizer
		for _, found := range []Finding{r.File([]byte(text)), r.Head([]byte(text), ""), r.Head([]byte("/*"+text+"*/"), "C"), Readme([]byte(text))} {
			switch found.Type {
			case Permissive, Copyleft, Restricted, Unknown:
				if TypeOf(found.Expression) != found.Type || found.Elsewhere || found.Expression != "" && !spdx.Valid(found.Expression) {
					t.Fatalf("%q: %+v", text, found)
				}
			case None:
				if found.Expression != "" {
					t.Fatalf("%q: %+v", text, found)
				}
			default:
				t.Fatalf("%q: %+v", text, found)
			}
			if found.Line < 0 || found.Line > 1+strings.Count(text, "\n") {
				t.Fatalf("%q: line %d", text, found.Line)
			}
		}
	})
}

// What is weighed against each other is bounded: without that each of these takes
// minutes.
func TestManyNames(t *testing.T) {
	const size = 64 << 10
	list := func(line func(i int) string) []byte {
		var b []byte
		for i := 0; len(b) < size; i++ {
			b = append(b, line(i)...)
		}
		return b
	}
	var ids []string
	eachID(func(id, _ string) { ids = append(ids, id) })
	pair := func(i int) (a, b string) { return ids[i%len(ids)], ids[(7*i+i/len(ids))%len(ids)] }
	for _, c := range []struct {
		name string
		text []byte
		want string // "" of what names too much
	}{
		{"one", list(func(int) string { return "gpl " }), "LicenseRef-GPL"},
		{"choice", list(func(int) string { return "mit license or the isc license or " }), "MIT OR ISC"},
		{"choice of what stands above", list(func(int) string { return "mit license and the gpl, one of the above listed licenses. " }), "MIT OR LicenseRef-GPL"},
		{"choices", list(func(i int) string { a, b := pair(i); return a + " or " + b + ". Part of it: " }), ""},
		{"tags", list(func(i int) string { return fmt.Sprintf("SPDX-License-Identifier: LicenseRef-%d\n", i) }), ""},
		{"permissive", list(func(i int) string { return "SPDX-License-Identifier: MIT OR " + ids[i%len(ids)] + "\n" }), ""},
		{"tag", append([]byte("SPDX-License-Identifier: MIT"), list(func(int) string { return " OR MIT" })...), unknownRef},
	} {
		f := new(Recognizer).File(c.text)
		if c.want != "" && f.Expression != c.want {
			t.Errorf("%s: %.100s, want %s", c.name, f.Expression, c.want)
		}
		if c.want == "" && (f.Type == Permissive || !strings.HasSuffix(f.Expression, " AND "+unknownRef) || len(f.Detected) > 2*maxItems) {
			t.Errorf("%s: %s with %d ids, %.100s …", c.name, f.Type, len(f.Detected), f.Expression)
		}
	}
}

// Files that hold a place for a text, or fill in one that R knows, say nothing.
func TestStubs(t *testing.T) {
	var r Recognizer
	for text, want := range map[string]string{
		"YEAR: 2020\nCOPYRIGHT HOLDER: A\n":                "none",
		"YEAR: 2020\nCOPYRIGHT HOLDER: A\nLICENSE: ours\n": "unknown",
		"FULLTEXT\n":                         "none",
		"FULLTEXT of the licence: see below": "unknown",
		"YEAR 2020":                          "unknown",
	} {
		if got := said(r.Read(licenceForm, []byte(text)).Finding); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// Python's licence is those of all who published it, and a history that speaks of
// the GPL.
func TestPython(t *testing.T) {
	patterns, err := tables.Patterns(".")
	if err != nil {
		t.Fatal(err)
	}
	var parts []string
	for _, p := range patterns {
		if strings.HasPrefix(p.ID, "LicenseRef-scancode-") {
			continue // of texts.lre
		}
		if strings.Contains(p.ID, "Python") || p.ID == "PSF-2.0" || strings.Contains(p.LRE, "Python releases") || strings.Contains(p.LRE, "Stallman") {
			parts = append(parts, p.LRE)
		}
	}
	text := strings.NewReplacer("((\nthis software (\"Python\") || Python\n__5__\nsoftware\n))", `this software ("Python")`, "__60__", "2001, 2002, 2003, 2030").Replace(strings.Join(parts, "\n\n"))
	var r Recognizer
	if got, want := said(r.File([]byte(text))), "PSF-2.0 AND Python-2.0 AND CNRI-Python-GPL-Compatible permissive"; got != want || len(parts) != 5 {
		t.Errorf("%d parts: %q, want %q", len(parts), got, want)
	}
}

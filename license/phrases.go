package license

import (
	"strings"
	"sync"

	"github.com/codemill/codemill/license/spdx"
)

// meaning is what a phrase says where no pattern covers it.
type meaning uint8

const (
	harmless  meaning = iota // hides shorter phrases within it that would say more
	named                    // names a licence, wherever it stands
	short                    // is a short name, which stands for a licence after words such as "under the"
	forbids                  // takes something away, or may
	restricts                // takes away so much that the whole is known for not free
	offers                   // leaves a choice between the licence before it and the one behind
	chooses                  // leaves a choice between all that stand before it in its paragraph
	lists                    // begins a list that leaves a choice
	grants                   // says that something is licensed
	elsewhere                // points to another file
)

// A phrase is a place in the tree of phrases, which branches by words.
type phrase struct {
	next    map[string]*phrase
	ends    bool // the words up to here are a phrase
	meaning meaning
	id      string // SPDX expression of what is named
}

// phrases are the words that matter around matches.
var phrases = sync.OnceValue(func() *phrase {
	root := &phrase{}
	add := func(m meaning, id, text string) {
		p := root
		for w := range strings.FieldsSeq(text) {
			if p.next == nil {
				p.next = map[string]*phrase{}
			}
			if p.next[w] == nil {
				p.next[w] = &phrase{}
			}
			p = p.next[w]
		}
		p.meaning, p.id, p.ends = m, id, true
	}
	eachID(func(id, _ string) { // those with a number are no other words
		if !strings.ContainsAny(id, "0123456789") || len(id) < 5 || strings.HasPrefix(id, "LicenseRef-") {
			return
		}
		text := spaced(id)
		add(named, id, text)
		add(named, id+"-only", text+" only")
		add(named, id+"-or-later", text+" or later")
		add(named, id+"-or-later", text+" or any later")
	})
	for line := range strings.Lines(licenseNames) {
		id, aliases, _ := strings.Cut(line, ":")
		for alias := range strings.SplitSeq(aliases, ",") {
			if s, ok := strings.CutPrefix(strings.TrimSpace(alias), "~"); ok {
				add(short, id, s)
			} else {
				add(named, id, alias)
			}
		}
	}
	for _, list := range []struct {
		of    meaning
		lines string
	}{{forbids, forbiddingPhrases}, {restricts, restrictingPhrases}, {offers, offeringPhrases}, {chooses, choosingPhrases}, {lists, listingPhrases}, {grants, grantingPhrases}, {elsewhere, referringPhrases}, {harmless, harmlessPhrases}} {
		for line := range strings.Lines(list.lines) {
			for text := range strings.SplitSeq(line, ",") {
				if strings.TrimSpace(text) != "" {
					add(list.of, "", text)
				}
			}
		}
	}
	return root
})

// spaced writes an id as the words that it is made of.
func spaced(id string) string {
	return strings.ToLower(strings.NewReplacer("-", " ", ".", " ", "_", " ").Replace(id))
}

// match returns the longest phrase at the start of some words, and its length.
func (p *phrase) match(words []word) (found *phrase, n int) {
	for i, w := range words {
		if i > 0 && w.apart {
			break
		}
		if p = p.next[w.text]; p == nil {
			break
		}
		if p.ends {
			found, n = p, i+1
		}
	}
	return found, n
}

// family is what an id shares with others that a text may mean by the same
// name: the licence without version, variant and clauses.
func family(id string) string {
	id = strings.TrimPrefix(spdx.Base(id), "licenseref-")
	id, _, _ = strings.Cut(id, "-")
	return id
}

// licenseNames are the names of licences beside SPDX's ids: an expression, a
// colon, and names; those behind a tilde are too short to stand alone. A name
// without the version that would make it one licence has a LicenseRef of its own.
const licenseNames = `MIT: mit license, mit licence, mit licensed, mit licenced, mit x11 license, expat license, mit expat license, expat mit license, mit style license, mit open source license, massachusetts institute of technology license, ~mit, ~expat, ~mit x11
Apache-2.0: apache license version 2 0, apache license v2 0, apache license 2 0, apache license v2, apache license version 2, apache licence version 2 0, apache licence 2 0, apache licence v2, apache software license version 2 0, apache software license 2 0, apache software license v2, apache software licence 2 0, apache public license 2 0, apache v2 license, apache v2 0 license, apache version 2 0, apache 2 license, apache 2 licence, asl 2 0, asl2, apache2, apachev2, al2, ~apache 2, ~apache v2, ~apache v2 0, ~alv2
LicenseRef-Apache: apache license, apache licence, apache software license, apache software licence, apache licensed, ~apache
LicenseRef-BSD: bsd license, bsd licence, bsd licensed, bsd style license, bsd style licence, bsd style source license, bsd like license, bsd type license, berkeley software distribution license, ~bsd, ~bsd style
BSD-3-Clause: 3 clause bsd, three clause bsd, bsd 3, bsd3, bsd three clause, new bsd license, new bsd licence, new bsd, modified bsd license, modified bsd licence, modified bsd, revised bsd license, revised bsd, bsd 3 clause license, bsd license 3 clause, bsd new
BSD-2-Clause: 2 clause bsd, two clause bsd, bsd two clause, simplified bsd license, simplified bsd licence, simplified bsd, freebsd license, freebsd licence, bsd license 2 clause, bsd2
BSD-4-Clause: 4 clause bsd, four clause bsd, original bsd license, bsd four clause
0BSD: bsd zero clause, zero clause bsd, 0bsd, bsd 0 clause
ISC: isc license, isc licence, isc licensed, ~isc
Zlib: zlib license, zlib licence, zlib libpng license, ~zlib, ~zlib libpng
Unlicense: the unlicense, unlicense license, unlicense org, ~unlicense
CC0-1.0: cc0, creative commons zero, creative commons cc0, cc zero
BSL-1.0: boost software license, boost license, boost licence
WTFPL: wtfpl, do what the fuck you want to public license
PSF-2.0: psf license, python software foundation license, ~psf, ~psfl
Python-2.0: python license
PHP-3.01: php license
Ruby: ruby license, ruby s license, same terms as ruby, under the same terms as ruby, under the same license as ruby
Artistic-1.0-Perl OR GPL-1.0-or-later: under the same terms as perl, under the same terms as perl itself, under the same terms as the perl, under the same terms as perl 5, under the same license as perl, under the same license as perl itself, same terms as perl, same terms as perl itself, same terms as the perl, terms as perl itself, same license as perl, same licence as perl, same license as perl itself, same licence as perl itself, same terms as perl 5, terms of perl itself, under the perl license, license terms of perl, license terms as perl, ~perl, ~perl 5, ~perl itself
Artistic-2.0: artistic license 2 0, artistic license version 2 0, artistic 2
Artistic-1.0: artistic license
AFL-2.0: academic free license version 2 0, academic free license v 2 0
AFL-2.1: academic free license version 2 1, academic free license v 2 1
AFL-3.0: academic free license version 3 0, academic free license v 3 0, academic free license 3 0
libpng-2.0: libpng license, png license
OLDAP-2.8: openldap public license, openldap license
PostgreSQL: postgresql license, postgresql licence
curl: curl license
TCL: tcl license, tcl tk license
ICU: icu license
IJG: ijg license, independent jpeg group license
FTL: freetype license, freetype project license
OpenSSL: openssl license, openssl ssleay license
Info-ZIP: info zip license
ImageMagick: imagemagick license
Vim: vim license
QPL-1.0: q public license, q public license version 1 0
Sleepycat: sleepycat license
NCSA: ncsa license, university of illinois ncsa, university of illinois open source license
UPL-1.0: universal permissive license
LicenseRef-Fedora-Public-Domain: public domain, publicdomain, no copyright is claimed
CC-BY-4.0: creative commons attribution 4 0 international, creative commons attribution 4 0, cc by 4
LicenseRef-CC-BY: creative commons attribution license, creative commons attribution, ~cc by
LicenseRef-CC-BY-SA: creative commons attribution sharealike, creative commons attribution share alike, cc by sa, sharealike, share alike, by sa
LicenseRef-CC-BY-NC: creative commons attribution noncommercial, creative commons attribution non commercial, cc by nc, cc by nc sa, cc by nc nd, by nc sa, by nc, by nc nd, creative commons attribution noncommercial sharealike, creative commons attribution non commercial share alike
LicenseRef-CC-BY-ND: creative commons attribution noderivs, creative commons attribution no derivatives, creative commons attribution noderivatives, cc by nd, by nd
LicenseRef-GPL: gpl, gnu general public license, gnu general public licence, general public license, general public licence, gnu public license, gnu public licence, gnu gpl, gnu license, gnu copyleft, copyleft, gplcc, gpl d, gpled, glp v2, glp v3, glpv2, glpv3, gnu glp
GPL-2.0-only: gplv2, gpl v2, gpl 2, gpl2, gpl version 2, gnu gpl v2, gnu gpl version 2, gnu general public license v2, gnu general public license version 2, gnu general public licence version 2, gnu general public license v2 0, gpl v2 0, gplv2 0, gpl v2 only, gplv2 only
GPL-2.0-or-later: gplv2 or later, gpl v2 or later, gpl 2 or later, gpl version 2 or later, gnu general public license v2 or later, gnu general public license version 2 or later, gnu general public license v2 0 or later, gplv2 or any later, gpl version 2 or any later, gpl2 or later, gpl v2 or any later
GPL-3.0-only: gplv3, gpl v3, gpl 3, gpl3, gpl version 3, gnu gpl v3, gnu gpl version 3, gnu general public license v3, gnu general public license version 3, gnu general public licence version 3, gnu general public license v3 0, gpl v3 0, gplv3 0, gnu gplv3, gnu gpl 3 0
GPL-3.0-or-later: gplv3 or later, gpl v3 or later, gpl 3 or later, gpl version 3 or later, gnu general public license v3 or later, gnu general public license version 3 or later, gnu general public license v3 0 or later, gplv3 or any later, gpl version 3 or any later, gpl3 or later, gnu gplv3 or later
LicenseRef-LGPL: lgpl, gnu lesser general public license, gnu library general public license, gnu lesser general public licence, gnu lesser public license, lesser general public license, library general public license, gnu lgpl, lesser gpl, library gpl
LGPL-2.0-only: lgplv2, lgpl v2, lgpl 2, lgpl2
LGPL-2.1-only: lgplv2 1, lgpl v2 1, gnu lesser general public license v2 1, gnu lesser general public license version 2 1, gnu lgpl v2 1, lgpl version 2 1
LGPL-2.1-or-later: lgplv2 1 or later, lgpl v2 1 or later, gnu lesser general public license v2 1 or later, gnu lesser general public license version 2 1 or later, lgpl version 2 1 or later
LGPL-3.0-only: lgplv3, lgpl v3, lgpl 3, lgpl3, gnu lesser general public license v3, gnu lesser general public license version 3, gnu lesser general public license v3 0, gnu lgpl v3, lgpl version 3
LGPL-3.0-or-later: lgplv3 or later, lgpl v3 or later, gnu lesser general public license v3 or later, gnu lesser general public license version 3 or later, lgpl version 3 or later
LicenseRef-AGPL: agpl, gnu affero general public license, affero general public license, gnu agpl, affero, gnu affero
AGPL-3.0-only: agplv3, agpl v3, agpl 3, agpl3, gnu affero general public license v3, gnu affero general public license version 3, gnu affero general public license v3 0, gnu agpl v3, gnu agplv3, agpl version 3
AGPL-3.0-or-later: agplv3 or later, agpl v3 or later, gnu affero general public license v3 or later, gnu affero general public license version 3 or later, gnu agplv3 or later
OFL-1.1: open font license, sil ofl, ofl license
BSD-Protection: bsd protection license
LicenseRef-GFDL: gfdl, gnu free documentation license, gnu fdl, free documentation license
MPL-2.0: mpl 2, mplv2, mpl v2, mpl v2 0, mpl2, mozilla public license 2 0, mozilla public license v2 0, mozilla public license version 2 0, mozilla public license v 2 0
MPL-1.1: mozilla public license 1 1, mozilla public license version 1 1
LicenseRef-MPL: mozilla public license, mozilla public licence, ~mpl
EPL-2.0: eclipse public license 2 0, eclipse public license v2 0, eclipse public license v 2 0, eclipse public license version 2 0
EPL-1.0: eclipse public license 1 0, eclipse public license v1 0, eclipse public license v 1 0, eclipse public license version 1 0
LicenseRef-EPL: eclipse public license, ~epl
LicenseRef-CDDL: common development and distribution license, cddl
EUPL-1.2: european union public licence, european union public license, eupl
CPL-1.0: common public license
LicenseRef-CeCILL: cecill, cecill license
LicenseRef-OSL: open software license
LicenseRef-Ms-RL: microsoft reciprocal license
MS-PL: microsoft public license, ms pl
ODbL-1.0: open database license, odbl
SSPL-1.0: server side public license, sspl, sspl v1, sspl license
BUSL-1.1: business source license, busl, bsl 1 1, business source licence
Elastic-2.0: elastic license, elastic license 2 0, elv2
LicenseRef-Commons-Clause: commons clause
LicenseRef-RAIL: openrail, openrail m, openrail license, open rail, open rail m, rail license, responsible ai license, responsible ai licenses, creativeml, creativeml openrail, creativeml open rail m, bigscience openrail m, bigcode openrail m
LicenseRef-Llama: llama 2 community license, llama 3 community license, llama 3 1 community license, llama 3 2 community license, llama 3 3 community license, llama 4 community license, meta llama 3 community license, llama community license, llama license, gemma terms of use, gemma license
LicenseRef-PolyForm: polyform, polyform license
LicenseRef-Prosperity-3.0.0: prosperity public license
LicenseRef-Anti996: anti 996 license
LicenseRef-Hippocratic: hippocratic license
LicenseRef-FSL: functional source license
JSON: shall be used for good not evil, used for good not evil, for good not evil, json license, shall not be used for evil, not be used for evil, not for evil
`

// forbiddingPhrases take something away, or say that more is to be read.
const forbiddingPhrases = `may not, must not, shall not, you can not, you cannot, cannot be, can not be, should not be used, not permitted, not allowed, not authorized, not authorised, prohibited, prohibits, prohibit, forbidden, forbids, not granted, disallowed, unauthorized copying, unauthorised copying, unauthorized use, unauthorized reproduction, requires permission, no redistribution, not sell
without permission, without the permission, without prior, without written, without the prior, without the written, without express, without explicit, without consent, without the consent, without my permission, without our permission, prior written, specific written permission, written consent, written permission
provided that you, on condition that, under the condition that, on the condition that, as long as, so long as, with the exception of, with the following exception, with the following exceptions, except as, except for, excluding, exclude, excluded, does not apply to, do not apply to, not covered by, not apply, not include
additional terms, additional restrictions, additional restriction, additional conditions, additional condition, additional term, additional provisions, additional requirement, additional requirements, further restrictions, following restrictions, following restriction, following limitations, special conditions, supplemental terms, restricted to, restriction, restrictions, limitations on use, special terms, additional limitations, license conditions, license condition, amendment, addendum, rider, extra terms, extra conditions
only for, solely for, for use only, only be used, only used, solely, exclusively, only if, only when, only in, use only, only with, only permitted, only allowed
custom license, custom licence, custom version, modified version of the, as modified, modification of the mit, modification of mit, restricted modification, modified mit, modified apache, modified bsd license with, derived from mit, derived from the mit, based on mit, based on the mit, variously licensed, no such rights, rights are granted under this, you agree, be sold by itself, frontier artistic, community license, community licence, enterprise license, enterprise edition, on top of the mit, interface protection
proprietary, confidential, trade secret, trade secrets, commercial license, commercial licence, commercial licensing, commercial use, commercial purposes, commercial purpose, commercially, commercial product, commercial products, commercial terms, license fee, licence fee, royalty, royalties, must pay, payment, purchase, purchased, subscription, paid, evaluation, trial, end user license, eula, license key, terms of service, terms of use, source available, shared source
military, weapons, weapon, nuclear, human rights, ethical, unethical, field of use, harm, harmful, surveillance, law enforcement, embargoed, export control, export controls, export regulations
terminate, terminates, termination, terminated, revoke, revoked, revocable, indemnify, non transferable, nontransferable, non sublicensable
no license, no licence, no rights, no permission, no part of, no right, not licensed, not open source, not free software, not redistribute, not be redistributed, not distribute, not be distributed, not modify, not be modified, no modification, no modifications, unmodified, not be altered, not sell, not be copied, not copy, not be used, not use, not for distribution, not for production, do not use, do not distribute, do not copy, do not redistribute, do not modify, must obtain, must contact, must ask, must request, contact us, ask for permission, must notify, must send, must be made available, must release, must share, make available the source, source code must, same license as this, under the same license, under the same terms, under this same license
other licenses, other licences, separate license, separate licenses, their own licenses, their own license, own license, its own licence
artificial intelligence, machine learning, train, training, trained, dataset, datasets, llm, llms, large language, language model, language models, text and data mining, data mining, scraping
competing, compete, competes, competitor, competitive, managed service, hosted service, saas, software as a service, production use
personal, private use, academic, academia, educational, students, research purpose, research purposes, research use, scientific, internal use, internal purposes, individuals, nonprofit, non profit
`

// restrictingPhrases make what they stand in not free.
const restrictingPhrases = `non commercial, noncommercial, noncommercially, non commercially, not for commercial, no commercial use, not commercial use, non commercial use, non commercial purposes, not be used commercially, not be used for commercial, not use it commercially, not use commercially, not use it for commercial, not use this software for commercial, not use the software for commercial, commercial use is prohibited, commercial use is not permitted, commercial use is not allowed, commercial use is forbidden, commercial use prohibited, commercial use not allowed, commercial use requires, commercial use strictly prohibited, prohibits commercial use
research purposes only, research use only, for research only, research only, research and educational purposes only, academic use only, academic purposes only, educational use only, educational purposes only, personal use only, private use only, evaluation only, evaluation purposes only, internal use only, non production, only for research, only for academic, only for educational, only for personal, only for private, only for evaluation, only for internal, solely for research, solely for academic, solely for evaluation, solely for internal, solely for personal, solely for educational
no derivatives, noderivatives, noderivs, no derivative works, not create derivative works, not sell the software, not be sold, right to sell the software
not be used to train, not be used for training, not use this software to train, not use the software to train, not be used for machine learning, not be used for ai, not be used in training, not be used to develop ai, no ai training, no training, not train, not be used as training
not be used to compete, not use this software to compete, not use the software to compete, to compete with
`

// offeringPhrases leave a choice between what stands before and what follows.
const offeringPhrases = `alternatively, or alternatively, or under the following, or under the terms, or at your option, at your option, at your choice, at your discretion, at the user s option, at the users option, at the users discretion, at the user s discretion, at the option of, your choice, or the terms of, disjunctive`

// choosingPhrases leave a choice between what stands before.
const choosingPhrases = `one of the above listed licenses, either of the above licenses, either of the above licences, one of the above licenses, any of the above licenses, either of these licenses, either of the two licenses`

// listingPhrases begin a list of alternatives.
const listingPhrases = `either, dual licensed, dual licenced, dual license, dual licence, dual licensing, dually licensed, dual mit, dual gpl, dual bsd, double licensed, triple licensed, tri licensed, tri license, multi licensed, multi license, choice of, may choose, can choose, may select, one of the following, one of two, one of these, under one of, any one of, any of the following, one or the other, whichever`

// grantingPhrases say that what follows, or stands before, is a licence.
const grantingPhrases = `licensed under, licenced under, license under, licensed according, licensed as, licensed with, licensed to, licensed by, distributed under, redistributed under, released under, published under, available under, provided under, covered under, covered by, covered by the, governed by, subject to the terms, subject to the license, under the terms, under terms, under the conditions, under the license, under the licence, under license, under the following license, terms of the license, terms and conditions, license terms, licensing terms, this license, this licence, free software, open source software, permission is, permission to use, permission to copy, permission is hereby, is hereby granted, hereby granted, may be used, may be freely, may be copied, may be distributed, may be redistributed, can be used freely, can redistribute, may redistribute, may use, may copy, freely redistributable, freely distributable, freely distributed, freely available, free to use, free of charge, freeware, shareware, public use, redistribution and use, redistribution is, use and distribution, use and redistribution, use modify and distribute, used copied, licensee, licensor, all rights reserved proprietary, you are free to, use it freely, use freely`

// referringPhrases point to another file.
const referringPhrases = `license file, licence file, license txt, licence txt, license md, licence md, license rst, license html, license text, copying file, copying lesser, copying txt, copying lib, file copying, file license, file licence, file named license, file called license, file called copying, file named copying, see license, see licence, see licenses, see the license, see the licence, see copying, see the copying, see the file license, see the file copying, see the accompanying, see accompanying, accompanying file, accompanying license, accompanying copying, license in the, license for details, license for more, license information, licensing information, license details, licence details, license is in, license can be found, licence can be found, found in the license, found in the licence, found in license, found in the copying, in the license, in license, in the copying, in copying, license notice, notice file, copyright file, copyright notice file, copyright txt, license at the root, root directory of this source tree, root of this source tree, root directory of the source, root directory of this project, license agreement file, pkg license, readme for license, readme for copyright, license statement, see license for, refer to license, refer to the license, refer to licence, refer to the licence, refer to copying, read license, full license, complete license, license header, license cpp, legal notice`

// harmlessPhrases hold words that would matter elsewhere.
const harmlessPhrases = `without express or implied, subject to restrictions set forth, subject to restrictions as set forth, subject to the restrictions set forth, shall not be liable, not be liable, not be held liable, not be held responsible, not be responsible, shall not be held, may not be held, cannot be held, can not be held, be held liable, no warranty, not responsible, not liable, neither the name, may not be used to endorse, must not be used to endorse, shall not be used to endorse, not be used to endorse, not be used to promote, not be used in advertising, shall not be used in advertising, may not be used in advertising, not be used to imply, without prior written permission, without specific prior written permission, without specific written permission, without specific written prior permission, without prior written authorization, without prior written consent, without written prior permission, prior written permission, specific prior written permission, prior written authorization, written prior permission, without restriction, without restrictions, without limitation, without any restriction, without any restrictions, no restrictions, no restriction, unrestricted, without any limitation, without fee, without any fee, without charge, without payment, royalty free, for any purpose, including commercial, academic and commercial, academic and commercial purposes, academic or commercial, commercial and academic, commercial and non commercial, commercial or non commercial, commercial and noncommercial, commercial or noncommercial, non commercial and commercial, non commercial or commercial, noncommercial and commercial, noncommercial or commercial, commercial purposes and non commercial, personal or commercial, personal and commercial, private and commercial, commercial or private, including commercial applications, for commercial and, commercial use allowed, for both commercial, use for commercial, both personal and commercial, free software foundation, gnu project, gnu org, www gnu org, gnu c library, gnu c compiler, personal and non, personal responsibility, personal injury, private or commercial
except in compliance, may not use this file except in compliance, may not use these files except in compliance, may not use the files except in compliance, may not use this software except in compliance, may not use the software except in compliance, may not use this work except in compliance, may not use this project except in compliance, may not use this code except in compliance, redistributions of source code must, redistribution of source code must, this is free and unencumbered software released into the public domain, except as required by law, except as required by applicable law, except in accordance, except as contained in this notice, contributions made by many individuals, except that, merchantability, harmless, hold harmless, may not be misrepresented, must not be misrepresented, must not claim, must not be removed, may not be removed, not be removed, may not be altered from, must not be altered from, must not be misattributed, must be plainly marked
not gpl, gpl compatible, gpl compatibility, gpl compat, compatible with the gpl, compatible with gpl, compatible with the gnu, compatible with the gnu gpl, compatible with gnu gpl, compatible with the gnu general public license, incompatible with the gpl, gnu gpl compatible, unlike the gpl, distributing python under the gpl, lgpl compatible, agpl compatible, not in the public domain, not public domain, no longer in the public domain, based on public domain, based on the public domain, based upon public domain, derived from public domain, from public domain, contributor license agreements, contributor license agreement, contributor licence agreements, automatically terminate upon, terminate automatically upon, non gpl, dfsg, under the terms of this license, this license agreement, subject to the following restrictions, subject to the following conditions, following conditions, as long as this, as long as the copyright, as long as this notice, as long as you retain this notice, as long as the above, provided that the above, provided that this, so long as this, as long as you keep, as long as you include, as long as the original, so long as the above`

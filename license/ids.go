package license

// The tables of licence types, by The Stack v2's rule (arXiv 2402.19173):
// permissive is what the Blue Oak Council rates from model to lead, or
// ScanCode's licence database has in its categories Permissive or Public
// Domain; copyleft is what the latter has as Copyleft or Copyleft Limited and
// the former does not rate. All else is unknown. Taken from the npm package @blueoak/list
// 15.0.0 and from scancode-toolkit 32.5.0 on PyPI (nexB and others, CC-BY-4.0).
// SPDX ids in lower case, without "+", "-only" and "-or-later", sorted;
// ScanCode's own LicenseRef-scancode ids are left out.
const (
	permissiveIDs = `0bsd 3d-slicer-1.0 aal abstyles adacore-doc adobe-2006 adobe-display-postscript adobe-glyph adobe-utopia adsl afl-1.1 afl-1.2 afl-2.0 afl-2.1 afl-3.0
 afmparse amd-newlib amdplpa aml aml-glslang ampas antlr-pd antlr-pd-fallback apache-1.0 apache-1.1 apache-2.0 apafml app-s2p artistic-1.0
 artistic-1.0-cl8 artistic-1.0-perl artistic-2.0 aspell-ru baekmuk bahyph barr bcrypt-solar-designer beerware bitstream-charter bitstream-vera blessing
 blueoak-1.0.0 boehm-gc boehm-gc-without-fee borceux brian-gladman-2-clause brian-gladman-3-clause bsd-1-clause bsd-2 bsd-2-clause bsd-2-clause-darwin
 bsd-2-clause-first-lines bsd-2-clause-freebsd bsd-2-clause-netbsd bsd-2-clause-patent bsd-2-clause-pkgconf-disclaimer bsd-2-clause-views bsd-3-clause
 bsd-3-clause-acpica bsd-3-clause-attribution bsd-3-clause-clear bsd-3-clause-flex bsd-3-clause-hp bsd-3-clause-lbnl bsd-3-clause-modification
 bsd-3-clause-no-nuclear-license-2014 bsd-3-clause-no-nuclear-warranty bsd-3-clause-open-mpi bsd-3-clause-sun bsd-4-clause bsd-4-clause-shortened
 bsd-4-clause-uc bsd-4.3reno bsd-4.3tahoe bsd-advertising-acknowledgement bsd-attribution-hpnd-disclaimer bsd-inferno-nettverk
 bsd-source-beginning-file bsd-source-code bsd-systemics bsd-systemics-w3works bsl-1.0 bzip2-1.0.5 bzip2-1.0.6 caldera-no-preamble catharon cc-by-1.0
 cc-by-2.0 cc-by-2.5 cc-by-2.5-au cc-by-3.0 cc-by-3.0-at cc-by-3.0-au cc-by-3.0-de cc-by-3.0-igo cc-by-3.0-nl cc-by-3.0-us cc-by-4.0 cc-pddc cc-pdm-1.0
 cc0-1.0 cdla-permissive-1.0 cdla-permissive-2.0 cecill-b cern-ohl-1.1 cern-ohl-1.2 cern-ohl-p-2.0 cfitsio check-cvs checkmk clartistic clips cmu-mach
 cmu-mach-nodoc cnri-jython cnri-python cnri-python-gpl-compatible coil-1.0 community-spec-1.0 condor-1.1 cornell-lossless-jpeg cronyx crossword
 cryptoswift crystalstacker cube curl cve-tou dec-3-clause diffmark dl-de-by-2.0 dl-de-zero-2.0 doc docbook-dtd docbook-schema docbook-stylesheet
 docbook-xml dotseqn drl-1.0 drl-1.1 dsdp dtoa dvipdfm ecl-1.0 ecl-2.0 efl-1.0 efl-2.0 egenix entessa epics etalab-2.0 eudatagrid fair fbm
 ferguson-twofish freebsd-doc fsfap fsfap-no-warranty-disclaimer fsful fsfullr fsfullrsd fsfullrwd ftl furuseth fwlw game-programming-gems gd
 generic-xts giftware glulxe glwtpl graphics-gems gtkbook gutmann haskellreport hdf5 hdparm hidapi hp-1986 hp-1989 hpnd hpnd-dec hpnd-doc hpnd-doc-sell
 hpnd-export-us hpnd-export-us-modify hpnd-export2-us hpnd-fenneberg-livingston hpnd-inria-imag hpnd-intel hpnd-kevlin-henney hpnd-markus-kuhn
 hpnd-merchantability-variant hpnd-mit-disclaimer hpnd-netrek hpnd-pbmplus hpnd-sell-mit-disclaimer-xserver hpnd-sell-regexpr hpnd-sell-variant
 hpnd-sell-variant-mit-disclaimer hpnd-sell-variant-mit-disclaimer-rev hpnd-uc htmltidy ibm-pibs icu iec-code-components-eula ijg ijg-short imagemagick
 imatix info-zip inner-net-2.0 innosetup intel intel-acpi isc isc-veillard jam jasper-2.0 jove jpnic json kastrup kazlib knuth-ctan latex2e
 latex2e-translated-notice leptonica libpng libpng-1.6.35 libpng-2.0 libselinux-1.0 libtiff libutil-david-nugent licenseref-apache
 licenseref-apache-2.0 licenseref-fedora-public-domain licenseref-fedora-ultrapermissive licenseref-mit-bootstrap licenseref-mit-diehl
 licenseref-mit-discord licenseref-mit-tc licenseref-publicdomain linux-openib loop lpd-document lpl-1.0 lpl-1.02 lppl-1.3c lsof lucida-bitmap-fonts
 lzma-sdk-9.11-to-9.20 lzma-sdk-9.22 mackerras-3-clause mackerras-3-clause-acknowledgment magaz mailprio man2html martin-birgmeier mcphee-slideshow
 metamail minpack mips miros mit mit-0 mit-advertising mit-click mit-cmu mit-enna mit-feh mit-festival mit-khronos-old mit-modern-variant
 mit-open-group mit-testregex mit-wu mitnfa mmixware mpeg-ssg mpi-permissive mpich2 mplus ms-lpl ms-pl mtll mulanpsl-1.0 mulanpsl-2.0 multics mup
 naist-2003 nasa-1.3 naumen nbpl-1.0 ncbi-pd ncl ncsa net-snmp netcdf newsletr ngrep nicta-1.0 nist-pd nist-pd-fallback nist-software nlod-1.0 nlod-2.0
 nlpl nrl ntia-pd ntp ntp-0 nunit o-uda-1.0 oar odc-by-1.0 offis ofl-1.0 ofl-1.0-no-rfn ofl-1.0-rfn ofl-1.1-no-rfn ofl-1.1-rfn ogc-1.0 ogdl-taiwan-1.0
 ogl-canada-2.0 ogl-uk-1.0 ogl-uk-2.0 ogl-uk-3.0 ogtsl oldap-1.1 oldap-1.2 oldap-1.3 oldap-1.4 oldap-2.0 oldap-2.0.1 oldap-2.1 oldap-2.2 oldap-2.2.1
 oldap-2.2.2 oldap-2.3 oldap-2.4 oldap-2.5 oldap-2.6 oldap-2.7 oldap-2.8 olfl-1.3 oml openssl openssl-standalone openvision opl-uk-3.0 opubl-1.0 padl
 pddl-1.0 php-3.0 php-3.01 pixar pkgconf plexus pnmstitch postgresql psf-2.0 psfrag psutils python-2.0 python-2.0.1 python-ldap qhull radvd rdisc
 rsa-md ruby ruby-pty sax-pd sax-pd-2.0 saxpath scea schemereport sendmail sendmail-open-source-1.1 sgi-b-1.1 sgi-b-2.0 sgi-opengl sgp4 shl-0.5
 shl-0.51 sl smlnj snprintf softsurfer soundex spencer-86 spencer-94 spencer-99 ssh-keyscan ssh-openssh ssh-short ssleay-standalone standardml-nj
 sun-ppp sun-ppp-2000 sunpro swl swrule symlinks tcl tcp-wrappers termreadkey thirdeye threeparttable tpdl trustedqsl ttwl ttyp0 tu-berlin-1.0
 tu-berlin-2.0 ucar ulem umich-merit unicode-3.0 unicode-dfs-2015 unicode-dfs-2016 unixcrypt unlicense unlicense-libtelnet unlicense-libwhirlpool
 upl-1.0 vim vsl-1.0 w3c w3c-19980720 w3c-20150513 w3m widget-workshop wsuipa wtfpl wwl x11 x11-distribute-modifications-variant x11-swapped
 xdebug-1.03 xerox xfig xfree86-1.1 xinetd xkeyboard-config-zinoviev xlock xnet xpp xskat xzoom zed zeeff zend-2.0 zlib zlib-acknowledgement zpl-1.1
 zpl-2.0 zpl-2.1`

	copyleftIDs = `agpl-1.0 agpl-3.0 aladdin apl-1.0 apsl-1.0 apsl-1.1 apsl-1.2 apsl-2.0 arphic-1999 artistic-dist bittorrent-1.0 bittorrent-1.1 bsd-protection cal-1.0
 cal-1.0-combined-work-exception catosl-1.1 cc-by-sa-1.0 cc-by-sa-2.0 cc-by-sa-2.0-uk cc-by-sa-2.1-jp cc-by-sa-2.5 cc-by-sa-3.0 cc-by-sa-3.0-at
 cc-by-sa-3.0-de cc-by-sa-3.0-igo cc-by-sa-4.0 cc-sa-1.0 cddl-1.0 cddl-1.1 cdl-1.0 cdla-sharing-1.0 cecill-1.0 cecill-1.1 cecill-2.0 cecill-2.1
 cecill-c cern-ohl-s-2.0 cern-ohl-w-2.0 copyleft-next-0.3.0 copyleft-next-0.3.1 cpal-1.0 cpl-1.0 cua-opl-1.0 d-fsl-1.0 epl-1.0 epl-2.0 erlpl-1.1
 eupl-1.0 eupl-1.1 eupl-1.2 eurosym fdk-aac frameworx-1.0 freeimage gcr-docs gfdl-1.1 gfdl-1.1-invariants gfdl-1.1-no-invariants gfdl-1.2
 gfdl-1.2-invariants gfdl-1.2-no-invariants gfdl-1.3 gfdl-1.3-invariants gfdl-1.3-no-invariants gl2ps glide gnuplot gpl gpl-1.0 gpl-2.0 gpl-3.0
 gsoap-1.3b imlib2 interbase-1.0 ipa ipl-1.0 lal-1.2 lal-1.3 lgpl-2.0 lgpl-2.1 lgpl-3.0 lgpllr licenseref-agpl licenseref-agpl-3.0 licenseref-gpl
 licenseref-gpl-2.0 licenseref-gpl-3.0 licenseref-kde-accepted-gpl licenseref-kde-accepted-lgpl licenseref-lgpl licenseref-lgpl-2 licenseref-lgpl-2.0
 licenseref-lgpl-2.1 licenseref-ufl-1.0 liliq-p-1.1 liliq-r-1.1 liliq-rplus-1.1 linux-man-pages-1-para linux-man-pages-copyleft
 linux-man-pages-copyleft-2-para linux-man-pages-copyleft-var lppl-1.0 lppl-1.1 lppl-1.2 lppl-1.3a makeindex motosoto mpl-1.0 mpl-1.1 mpl-2.0
 mpl-2.0-no-copyleft-exception ms-rl ngpl nokia nosl noweb npl-1.0 npl-1.1 nposl-3.0 occt-pl oclc-2.0 odbl-1.0 ofl-1.1 openpbs-2.3 opl-1.0 oset-pl-2.1
 osl-1.0 osl-1.1 osl-2.0 osl-2.1 osl-3.0 parity-6.0.0 parity-7.0.0 ppl qpl-1.0 qpl-1.0-inria-2004 rhecos-1.1 rpl-1.1 rpl-1.5 rpsl-1.0 rscpl
 sendmail-8.23 simpl-2.0 sleepycat smail-gpl smppl snia spl-1.0 sugarcrm-1.1.3 tapr-ohl-1.0 tgppl-1.0 tmate torque-1.1 tosl tpl-1.0 ubuntu-font-1.0
 ucl-1.0 urt-rle verbatim-man-pages vostrom wxwindows ypl-1.0 ypl-1.1 zimbra-1.3 zimbra-1.4`
)

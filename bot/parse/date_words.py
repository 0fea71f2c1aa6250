"""The words of dates: months and time zones as newsrooms write them.

Tables for ``dates``; they decide nothing. Month names stand casefolded and without their full stop.
"""

#: Rows of twelve months, casefolded: the full names of a language, then its short forms; ``-`` for none.
_ROWS = (
    "january february march april may june july august september october november december",
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "- - - - - june july - sept - - -",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "jän feber mär - - - - - - okt - dez",
    "jänner - maerz - - - - - - - - -",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "janv févr - avr - - juil aout - - - déc",
    "- fév - - - - - - - - - -",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "ene - - abr - - - ago setiembre - - dic",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "gen - - - mag giu lug - set ott - -",
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "- fev marco - - - - - - out - -",
    "januari februari maart april mei juni juli augustus september oktober november december",
    "- - mrt - - - - - - - - -",
    "januari februari mars april maj juni juli augusti september oktober november december",
    "januar februar marts april maj juni juli august september oktober november desember",
    "- - - - - - - - - - - des",
    (
        "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta"
        " lokakuuta marraskuuta joulukuuta"
    ),
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "ledna února března dubna května června července srpna září října listopadu prosince",
    "januára februára - apríla mája júna júla augusta septembra októbra novembra decembra",
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "янв фев мар апр май июн июл авг сен окт ноя дек",
    "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
    "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie",
    "január február március április május június július augusztus szeptember október november december",
    (
        "ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου"
        " νοεμβρίου δεκεμβρίου"
    ),
)
MONTHS = {name: number for row in _ROWS for number, name in enumerate(row.split(), start=1) if name != "-"}

#: Also the third day of the week in French, Spanish and Italian: a month only where no other stands.
WEEKDAY_OR_MONTH = "mar"

#: Words that stand inside a date without saying anything.
FILLERS = frozenset({"of", "de", "del", "di", "do", "den", "der", "the", "le", "il", "el", "a", "à"})

#: Minutes east of UTC. Names that several zones share mean the one that newsrooms of feeds use:
#: RFC 822's Americans first, then Europe, then Asia.
#: Source: RFC 822 section 5.1, RFC 5322 section 4.3 and the IANA time zone database.
_ZONE_NAMES = {
    -600: "HST",
    -540: "AKST HDT",
    -480: "PST PT AKDT",
    -420: "MST PDT MT",
    -360: "CST MDT CT",
    -300: "EST CDT ET COT PET",
    -240: "EDT AST CLT BOT VET",
    -210: "NST",
    -180: "ADT ART BRT CLST UYT",
    -150: "NDT",
    -120: "BRST",
    0: "UTC GMT UT Z WET AZOST",
    60: "BST WEST WESZ CET MEZ MET WAT",
    120: "CEST MESZ MEST EET OEZ SAST CAT",
    180: "EEST OESZ MSK TRT EAT IDT",
    210: "IRST",
    240: "GST SAMT AZT",
    300: "PKT UZT YEKT",
    330: "IST",
    345: "NPT",
    360: "BDT ALMT",
    390: "MMT",
    420: "ICT WIB",
    480: "HKT SGT MYT PHT AWST WITA",
    540: "JST KST WIT",
    570: "ACST",
    600: "AEST CHST",
    630: "ACDT",
    660: "AEDT",
    720: "NZST",
    780: "NZDT",
}
ZONES = {name: minutes for minutes, names in _ZONE_NAMES.items() for name in names.split()}

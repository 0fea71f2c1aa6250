"""The words of dates: months and time zones as newsrooms write them.

Tables for ``dates``; they decide nothing. Month names stand casefolded and without their full stop.

Source: the Unicode Common Locale Data Repository, and what feeds write besides.
"""

import unicodedata

#: Rows of twelve months, casefolded: the full names of a language, then its short forms; ``-`` where a row
#: above has the name already, or means another month by it (the Croatians' tenth is the Poles' eleventh).
_ROWS = (
    "january february march april may june july august september october november december",
    "jan feb mar apr - jun jul aug sep oct nov dec",
    "- - - - - - - - sept - - -",
    "januar februar märz - mai juni juli - - oktober - dezember",
    "jän feber mär - - - - - - okt - dez",
    "jänner - maerz - - - - - - - - -",
    "janvier février mars avril - juin juillet août septembre octobre novembre décembre",
    "janv févr - avr - - juil aout - - - déc",
    "- fév - - - - - - - - - -",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "ene - - abr - - - ago setiembre - - dic",
    "gennaio febbraio - aprile maggio giugno luglio - settembre ottobre - dicembre",
    "gen - - - mag giu lug - set ott - -",
    "janeiro fevereiro março - maio junho julho - setembro outubro novembro dezembro",
    "- fev marco - - - - - - out - -",
    "januari februari maart - mei - - augustus - - - -",
    "- - mrt - - - - - - - - -",
    "- - - - maj - - augusti - - - -",
    "- - marts - - - - - - - - desember",
    "- - - - - - - - - - - des",
    (
        "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta"
        " heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta"
    ),
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "ledna února března dubna května června července srpna září října listopadu prosince",
    "januára februára - apríla mája júna júla augusta septembra októbra novembra decembra",
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "янв фев мар апр май июн июл авг сен окт ноя дек",
    "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
    "ianuarie februarie martie aprilie - iunie iulie - septembrie octombrie noiembrie decembrie",
    "január február március április május június július augusztus szeptember október - -",
    (
        "ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου"
        " ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου νοεμβρίου δεκεμβρίου"
    ),
    "tammi helmi maalis huhti touko kesä heinä elo syys loka marras joulu",
    (
        "tammikuu helmikuu maaliskuu huhtikuu toukokuu kesäkuu"
        " heinäkuu elokuu syyskuu lokakuu marraskuu joulukuu"
    ),
    "sty lut - kwi - cze lip sie wrz paź lis gru",
    "styczeń luty marzec kwiecień - czerwiec lipiec sierpień wrzesień październik listopad grudzień",
    "led úno bře dub kvě čvn čvc srp zář říj - pro",
    "leden únor březen duben květen červen červenec srpen - říjen - prosinec",
    "- - - - máj jún júl - - - - -",
    "- - marec apríl - - - - - - - -",
    "- февр - - - - - - сент - нояб -",
    "январь февраль март апрель - июнь июль август сентябрь октябрь ноябрь декабрь",
    "січ лют бер квіт трав черв лип серп вер жовт лист груд",
    "січень лютий березень квітень травень червень липень серпень вересень жовтень листопад грудень",
    "студзеня лютага сакавіка красавіка - чэрвеня ліпеня жніўня верасня кастрычніка лістапада снежня",
    "сту - сак кра - чэр ліп жні - кас ліс сне",
    "студзень люты сакавік красавік - чэрвень ліпень жнівень верасень кастрычнік лістапад снежань",
    "януари февруари - април - юни юли - септември октомври ноември декември",
    "яну - - - - - - - сеп - ное -",
    "јануар фебруар - - мај јун јул - септембар октобар новембар децембар",
    "јан феб - - - - - - - - нов дец",
    "- - - - - - - avgust septembar oktobar novembar decembar",
    "- - - - - - - avg - - - -",
    "siječnja veljače ožujka travnja svibnja lipnja srpnja kolovoza rujna - studenoga prosinca",
    "sij velj ožu tra svi - - kol ruj - stu -",
    "siječanj veljača ožujak travanj svibanj lipanj srpanj kolovoz rujan - studeni prosinac",
    "- - - - - junij julij - - - - -",
    "јануари - - - - јуни јули - - - - -",
    "oca şub - nis - haz tem ağu eyl eki kas ara",
    "yanvar fevral - aprel - iyun iyul avqust sentyabr oktyabr noyabr dekabr",
    "yan - - - - iyn iyl avq sen - noy dek",
    "- - - - - - - - sentabr oktabr - -",
    "қаңтар ақпан наурыз сәуір мамыр маусым шілде тамыз қыркүйек қазан қараша желтоқсан",
    "қаң ақп нау сәу мам мау шіл там қыр қаз қар жел",
    "ian - - - - iun iul - - - - -",
    "- febr márc ápr - - - - szept - - -",
    "- - - - μαΐου - - - - - - -",
    "ιαν φεβ μαρ απρ μαΐ ιουν ιουλ αυγ σεπ οκτ νοε δεκ",
    (
        "ιανουάριοσ φεβρουάριοσ μάρτιοσ απρίλιοσ μάιοσ ιούνιοσ"
        " ιούλιοσ αύγουστοσ σεπτέμβριοσ οκτώβριοσ νοέμβριοσ δεκέμβριοσ"
    ),
    "- - μάρ - μάι ιούν ιούλ αύγ - - νοέ -",
    "jaanuar veebruar märts aprill - juuni juuli - - oktoober - detsember",
    "jaan veebr - - - - - - - - - dets",
    "janvāris februāris - aprīlis maijs jūnijs jūlijs augusts septembris oktobris novembris decembris",
    "- - - - - jūn jūl - - - - -",
    "sausio vasario kovo balandžio gegužės birželio liepos rugpjūčio rugsėjo spalio lapkričio gruodžio",
    "saus vas kov bal geg birž liep rugp rugs spal lapkr gruod",
    "sausis vasaris kovas balandis gegužė birželis liepa rugpjūtis rugsėjis spalis lapkritis gruodis",
    "janúar febrúar - - maí júní júlí ágúst - - nóvember -",
    "- - - - - - - ágú - - nóv -",
    "eanáir feabhra márta aibreán bealtaine meitheamh iúil lúnasa - - samhain nollaig",
    "ean feabh - aib beal meith - lún mfómh dfómh samh noll",
    "ionawr chwefror mawrth ebrill - mehefin gorffennaf awst medi hydref tachwedd rhagfyr",
    "ion chwef maw ebr - meh gorff - - hyd tach rhag",
    "- chw - - - - gor - - - - -",
    "urtarrila otsaila martxoa apirila maiatza ekaina uztaila abuztua iraila urria azaroa abendua",
    "urt ots - api - eka uzt abu ira urr aza abe",
    "gener febrer març - maig juny juliol agost setembre - - desembre",
    "- - - - - - - ag - - - -",
    "xaneiro febreiro - - - xuño xullo - - - - decembro",
    "xan - - - - - xul - - - - -",
    "janar shkurt - prill - qershor korrik gusht shtator tetor nëntor dhjetor",
    "- shk - pri - qer korr gush sht tet nën dhj",
    "იანვარი თებერვალი მარტი აპრილი მაისი ივნისი ივლისი აგვისტო სექტემბერი ოქტომბერი ნოემბერი დეკემბერი",
    "იან თებ მარ აპრ მაი ივნ ივლ აგვ სექ ოქტ ნოე დეკ",
    (
        "հունվարի փետրվարի մարտի ապրիլի մայիսի հունիսի"
        " հուլիսի օգոստոսի սեպտեմբերի հոկտեմբերի նոյեմբերի դեկտեմբերի"
    ),
    "հնվ փտվ մրտ ապր մյս հնս հլս օգս սեպ հոկ նոյ դեկ",
    "հունվար փետրվար մարտ ապրիլ մայիս հունիս հուլիս օգոստոս սեպտեմբեր հոկտեմբեր նոյեմբեր դեկտեմբեր",
    "ינואר פברואר מרץ אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר",
    "ינו פבר - אפר - - - אוג ספט אוק נוב דצמ",
    "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
    "ژانویهٔ فوریهٔ - آوریل مهٔ ژوئن ژوئیهٔ اوت سپتامبر اکتبر نوامبر دسامبر",
    "ژانویه فوریه - - مه - ژوئیه - - - - -",
    "جنوری فروری مارچ اپریل مئی جون جولائی اگست ستمبر اکتوبر نومبر دسمبر",
    "जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर",
    "जन फ़र - - - - जुल अग सित अक्टू नव दिस",
    "जानेवारी फेब्रुवारी - एप्रिल मे - जुलै ऑगस्ट सप्टेंबर ऑक्टोबर नोव्हेंबर डिसेंबर",
    "जाने फेब्रु - एप्रि - - - ऑग सप्टें ऑक्टो नोव्हें डिसें",
    "- फेब्रुअरी - अप्रिल - जुन - अगस्ट सेप्टेम्बर अक्टोबर नोभेम्बर डिसेम्बर",
    "জানুয়ারী ফেব্রুয়ারী মার্চ এপ্রিল মে জুন জুলাই আগস্ট সেপ্টেম্বর অক্টোবর নভেম্বর ডিসেম্বর",
    "জানু ফেব - এপ্রি - - জুল আগ সেপ অক্টো নভে ডিসে",
    "જાન્યુઆરી ફેબ્રુઆરી માર્ચ એપ્રિલ મે જૂન જુલાઈ ઑગસ્ટ સપ્ટેમ્બર ઑક્ટોબર નવેમ્બર ડિસેમ્બર",
    "જાન્યુ ફેબ્રુ - - - - - - સપ્ટે ઑક્ટો નવે ડિસે",
    "ਜਨਵਰੀ ਫ਼ਰਵਰੀ ਮਾਰਚ ਅਪ੍ਰੈਲ ਮਈ ਜੂਨ ਜੁਲਾਈ ਅਗਸਤ ਸਤੰਬਰ ਅਕਤੂਬਰ ਨਵੰਬਰ ਦਸੰਬਰ",
    "ਜਨ ਫ਼ਰ - ਅਪ੍ਰੈ - - ਜੁਲਾ ਅਗ ਸਤੰ ਅਕਤੂ ਨਵੰ ਦਸੰ",
    "ஜனவரி பிப்ரவரி மார்ச் ஏப்ரல் மே ஜூன் ஜூலை ஆகஸ்ட் செப்டம்பர் அக்டோபர் நவம்பர் டிசம்பர்",
    "ஜன பிப் மார் ஏப் - - - ஆக செப் அக் நவ டிச",
    "జనవరి ఫిబ్రవరి మార్చి ఏప్రిల్ మే జూన్ జులై ఆగస్టు సెప్టెంబర్ అక్టోబర్ నవంబర్ డిసెంబర్",
    "జన ఫిబ్ర - ఏప్రి - - - ఆగ సెప్టెం అక్టో నవం డిసెం",
    "ಜನವರಿ ಫೆಬ್ರವರಿ ಮಾರ್ಚ್ ಏಪ್ರಿಲ್ ಮೇ ಜೂನ್ ಜುಲೈ ಆಗಸ್ಟ್ ಸೆಪ್ಟೆಂಬರ್ ಅಕ್ಟೋಬರ್ ನವೆಂಬರ್ ಡಿಸೆಂಬರ್",
    "ಜನ ಫೆಬ್ರ - ಏಪ್ರಿ - - - ಆಗ ಸೆಪ್ಟೆಂ ಅಕ್ಟೋ ನವೆಂ ಡಿಸೆಂ",
    "ജനുവരി ഫെബ്രുവരി മാർച്ച് ഏപ്രിൽ മേയ് ജൂൺ ജൂലൈ ഓഗസ്റ്റ് സെപ്റ്റംബർ ഒക്ടോബർ നവംബർ ഡിസംബർ",
    "ജനു ഫെബ്രു മാർ ഏപ്രി - - - ഓഗ സെപ്റ്റം ഒക്ടോ നവം ഡിസം",
    "ජනවාරි පෙබරවාරි මාර්තු අප්රේල් මැයි ජූනි ජූලි අගෝස්තු සැප්තැම්බර් ඔක්තෝබර් නොවැම්බර් දෙසැම්බර්",
    "ජන පෙබ - - - - - අගෝ සැප් ඔක් නොවැ දෙසැ",
    "- - මාර් - - - - - - - - -",
    "มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม",
    "ม.ค ก.พ มี.ค เม.ย พ.ค มิ.ย ก.ค ส.ค ก.ย ต.ค พ.ย ธ.ค",
    "ມັງກອນ ກຸມພາ ມີນາ ເມສາ ພຶດສະພາ ມິຖຸນາ ກໍລະກົດ ສິງຫາ ກັນຍາ ຕຸລາ ພະຈິກ ທັນວາ",
    "ມ.ກ ກ.ພ ມ.ນ ມ.ສ ພ.ພ ມິ.ຖ ກ.ລ ສ.ຫ ກ.ຍ ຕ.ລ ພ.ຈ ທ.ວ",
    "មករា កុម្ភៈ មីនា មេសា ឧសភា មិថុនា កក្កដា សីហា កញ្ញា តុលា វិច្ឆិកា ធ្នូ",
    "ဇန်နဝါရီ ဖေဖော်ဝါရီ မတ် ဧပြီ မေ ဇွန် ဇူလိုင် ဩဂုတ် စက်တင်ဘာ အောက်တိုဘာ နိုဝင်ဘာ ဒီဇင်ဘာ",
    "ဇန် ဖေ - ဧ - - ဇူ ဩ စက် အောက် နို ဒီ",
    "- - maret - - - - agustus - - - -",
    "- - - - - - - agu - - - -",
    "- - mac - - - julai ogos - - - disember",
    "- - - - - - - ogo - - - dis",
    "- pebrero marso - - hunyo hulyo - setyembre oktubre nobyembre disyembre",
    "- peb - - - hun hul - - - nob -",
    "- - machi aprili - - - agosti septemba oktoba novemba desemba",
    "ጃንዋሪ ፌብሩዋሪ ማርች ኤፕሪል ሜይ ጁን ጁላይ ኦገስት ሴፕቴምበር ኦክቶበር ኖቬምበር ዲሴምበር",
    "ጃን ፌብ - ኤፕሪ - - - ኦገስ ሴፕቴ ኦክቶ ኖቬም ዲሴም",
    "januarie - - - - junie julie - - - - -",
    "- - - ابريل - يونيه يوليه اغسطس - اكتوبر - -",
    "- - - إبريل - - - - - - - -",
    "جانفي فيفري - أفريل ماي جوان جويلية أوت - - - -",
    "- شباط آذار نيسان أيار حزيران تموز آب أيلول - - -",
    "בינואר בפברואר במרץ באפריל במאי ביוני ביולי באוגוסט בספטמבר באוקטובר בנובמבר בדצמבר",
    "- फरवरी - - - - - - सितम्बर अक्तूबर नवम्बर दिसम्बर",
    (
        "urtarrilaren otsailaren martxoaren apirilaren maiatzaren ekainaren"
        " uztailaren abuztuaren irailaren urriaren azaroaren abenduaren"
    ),
    "জানুয়ারি ফেব্রুয়ারি - - - - - - - - - -",
    "januarja februarja - aprila - junija julija avgusta - oktobra - -",
    "- - - - - јуна јула - септембра октобра новембра децембра",
    "- - - - - - - agt - - nop -",
)
MONTHS = {
    unicodedata.normalize("NFC", name): number
    for row in _ROWS
    for number, name in enumerate(row.split(), start=1)
    if name != "-"
}
#: Months of two words (the Levant's), and the one word that means the same.
TWO_WORDS = {
    "كانون الثاني": "يناير",
    "تشرين الأول": "أكتوبر",
    "تشرين الثاني": "نوفمبر",
    "كانون الأول": "ديسمبر",
}

#: Also the third day of the week in French, Spanish and Italian: a month only where no other stands.
WEEKDAY_OR_MONTH = "mar"

#: Words that stand inside a date without saying anything.
_FILLERS = "of de del di do den der the le il el a à d m r g e ko kl г год года року р gada gadā ng"
FILLERS = frozenset(_FILLERS.split())

#: The first year of an era, less one: of Japan's emperors, and of the Republic of China.
ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "R": 2018, "H": 1988, "民國": 1911, "民国": 1911}
#: Years of the Buddhist calendar that can be news, and how far it is ahead.
BUDDHIST_YEARS, BUDDHIST_AHEAD = range(2533, 2643), 543

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

"""What the demo's news site says, article by article: the truth that reading it is measured against."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

CSPO, ASTERX = "cspo", "asterx"
#: The watches that the truth speaks of.
WATCHES = {
    CSPO: '{CSpO} OR "Combined Space Operations" OR 連合宇宙作戦',
    ASTERX: "AsterX",
}
#: Furniture of every page of an outlet: none of it may be taken for text.
FURNITURE = {
    "orbital-ledger": (
        "We use a handful of cookies to remember that you have read this notice about cookies.",
        "Get our newsletter every Friday. No tricks, one click to leave.",
        "Orbital Ledger has covered the business of orbit from a boat shed in Whitby",
        "Author of this article. Writes to you at odd hours and reads every letter.",
        "the table of launch windows is missing from the mobile version again",
    ),
    "defense-hebdo": (
        "Nous utilisons quelques cookies pour nous souvenir",
        "Recevez notre lettre chaque vendredi. Un clic suffit pour la quitter.",
        "Défense Hebdo paraît le jeudi, sauf quand le mercredi l’a déjà tout raconté.",
        "Merci pour les chiffres, on les attendait depuis le printemps.",
    ),
    "toulouse-matin": (
        "Nous utilisons quelques cookies pour nous souvenir",
        "Les plus lus de la semaine",
        "La rédaction de Toulouse Matin se lève à quatre heures.",
        "Et les trottoirs de la rue Pargaminières, on en parle quand ?",
    ),
    "space-policy-wire": (
        "We use a handful of cookies to remember that you have read this notice about cookies.",
        "Space Policy Wire sits in the back row of every hearing and reads the annexes",
        "The hearing was moved twice, by the way.",
    ),
    "wellington-post": (
        "We use a handful of cookies to remember that you have read this notice about cookies.",
        "The Post’s newsroom stands on Cuba Street, above a bakery",
        "Could we please have the tide table back on page two?",
    ),
    "uchu-boei-shimpo": (
        "このお知らせを読んだことを覚えておくために、クッキーを少しだけ使っています。",
        "今週よく読まれた記事",
        "宇宙防衛新報は、週五日、夜明け前に編集会議を開いています。",
        "図があるともっと分かりやすいと思いました。",
    ),
    "agile-trades-weekly": (
        "Get our newsletter every Friday. No tricks, one click to leave.",
        "Agile Trades Weekly is written in two-week increments",
        "The cleaner threw away the roadmap.",
    ),
    "kiosque-bd": (
        "Kiosque BD lit tout, même les remerciements et le code-barres.",
        "Signature de la maison. Répond aux courriers, même à ceux écrits en vert.",
        "Je l’ai lu dans le train et j’ai raté ma gare.",
    ),
    "nordlicht-zeitung": (
        "Wir verwenden ein paar Cookies, um uns zu merken",
        "Die Nordlicht Zeitung erscheint bei jedem Wetter, meistens bei Regen.",
        "Nur die Fischbrötchen fehlen.",
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Truth:
    """One article as a careful reader would note it down."""

    outlet: str
    path: str
    day: Literal[1, 2]
    title: str
    authors: tuple[str, ...]
    #: hours before the moment of the demo, to the minute
    hours_ago: float
    language: str
    #: stands in its text
    says: str
    #: stand on its page, beyond the outlet's furniture, and not in its text
    beside: tuple[str, ...] = ()
    watches: tuple[str, ...] = ()
    #: how far a reader gets: the page; or, refused by the site or its robots.txt, the listing's summary
    readable: Literal["page", "refused", "robots"] = "page"

    def published_at(self, now: datetime) -> datetime:
        """The moment of publication."""
        return (now - timedelta(hours=self.hours_ago)).replace(second=0, microsecond=0)


TRUTHS = (
    Truth(
        outlet="orbital-ledger",
        path="/news/nordvik-launch-books-second-slot",
        day=1,
        title="Nordvik Launch books a second rideshare slot for its space tug",
        authors=("Marta Lindqvist",),
        hours_ago=61.4,
        language="en",
        says="We learned a great deal about one square centimetre of metal",
    ),
    Truth(
        outlet="orbital-ledger",
        path="/news/ten-nations-compare-notes-before-wellington",
        day=1,
        title="Ten nations compare notes on debris alerts ahead of Wellington meeting",
        authors=("Jonah Adeyemi",),
        hours_ago=52.2,
        language="en",
        says="Officers from the ten states of the CSpO initiative have spent two days in a windowless room",
        watches=(CSPO,),
    ),
    Truth(
        outlet="orbital-ledger",
        path="/news/halden-link-opens-canary-islands-dish",
        day=1,
        title="Halden Link opens a dish on the Canary Islands and waits for the goats",
        authors=("Marta Lindqvist",),
        hours_ago=33.7,
        language="en",
        says="An earlier design with plastic ones lasted four days",
    ),
    Truth(
        outlet="orbital-ledger",
        path="/news/ten-cspo-partners-agree-on-shared-rules",
        day=2,
        title="Ten CSpO partners agree on shared rules for on-orbit manoeuvres",
        authors=("Jonah Adeyemi", "Marta Lindqvist"),
        hours_ago=9.3,
        language="en",
        says="members of the Combined Space Operations initiative (CSpO) signed a joint statement",
        watches=(CSPO,),
    ),
    Truth(
        outlet="orbital-ledger",
        path="/news/halden-link-wins-polar-downlink-contract",
        day=2,
        title="Halden Link wins a polar downlink contract against three larger rivals",
        authors=("Tomasz Wrona",),
        hours_ago=4.6,
        language="en",
        says="it will pay the customer back twice the fee for every contact that fails",
        beside=("Ten CSpO partners agree on shared rules for on-orbit manoeuvres",),
    ),
    Truth(
        outlet="orbital-ledger",
        path="/private/subscriber-briefing-tug-prices",
        day=2,
        title="Subscriber briefing: what a space tug costs this winter",
        authors=("Tomasz Wrona",),
        hours_ago=2.4,
        language="en",
        says="Our quarterly table of quoted prices for in-orbit transport, for subscribers only",
        readable="robots",
    ),
    Truth(
        outlet="defense-hebdo",
        path="/actualites/asterx-les-preparatifs-commencent.html",
        day=1,
        title="AsterX : les préparatifs commencent à Toulouse",
        authors=("Hélène Castaing",),
        hours_ago=59.6,
        language="fr",
        says="l’équipe qui écrit le scénario du prochain exercice AsterX s’est installée pour l’hiver",
        watches=(ASTERX,),
    ),
    Truth(
        outlet="defense-hebdo",
        path="/actualites/un-atelier-de-parachutes-a-agen.html",
        day=1,
        title="À Agen, l’atelier qui recoud les parachutes de l’armée",
        authors=("Bastien Le Goff",),
        hours_ago=40.1,
        language="fr",
        says="parce qu’une voile déployée ne tient sur aucune table ordinaire",
    ),
    Truth(
        outlet="defense-hebdo",
        path="/actualites/asterx-s-ouvrira-sur-une-collision.html",
        day=2,
        title="AsterX s’ouvrira sur une collision simulée en orbite basse",
        authors=("Hélène Castaing",),
        hours_ago=10.4,
        language="fr",
        says="deux satellites imaginaires se heurteront en orbite basse",
        watches=(ASTERX,),
    ),
    Truth(
        outlet="defense-hebdo",
        path="/actualites/missile-aster-tir-d-essai-reussi.html",
        day=2,
        title="Missile Aster : un tir d’essai réussi au large du Levant",
        authors=("Bastien Le Goff",),
        hours_ago=5.3,
        language="fr",
        says="Un missile Aster tiré d’une frégate a détruit une cible rapide au large de l’île du Levant",
        beside=("AsterX s’ouvrira sur une collision simulée en orbite basse",),
    ),
    Truth(
        outlet="toulouse-matin",
        path="/actu/le-telepherique-ferme-deux-semaines",
        day=1,
        title="Le téléphérique ferme deux semaines pour sa grande révision",
        authors=("Clément Roumagnac",),
        hours_ago=46.8,
        language="fr",
        says="Chaque cabine sera décrochée, pesée, lavée et examinée.",
    ),
    Truth(
        outlet="toulouse-matin",
        path="/actu/des-etudiants-assemblent-leur-nanosatellite",
        day=1,
        title="Dans une salle blanche de Rangueil, des étudiants assemblent leur premier nanosatellite",
        authors=("Nour Benhaddou",),
        hours_ago=31.5,
        language="fr",
        says="Pliée comme un mètre ruban, elle mesure un mètre vingt une fois ouverte.",
    ),
    Truth(
        outlet="toulouse-matin",
        path="/actu/asterx-les-hoteliers-font-le-plein",
        day=2,
        title="Exercice AsterX : les hôteliers du sud de Toulouse font déjà le plein",
        authors=("Nour Benhaddou",),
        hours_ago=7.4,
        language="fr",
        says="des Norvégiens ont mangé du cassoulet à six heures du matin",
        watches=(ASTERX,),
    ),
    Truth(
        outlet="space-policy-wire",
        path="/wire/licensing-rules-lag-behind-servicing-robots",
        day=1,
        title="Licensing rules lag behind servicing robots, panel hears",
        authors=("Beatrice Amankwah",),
        hours_ago=49.1,
        language="en",
        says="an insurer has to guess, and insurers who guess do so expensively",
    ),
    Truth(
        outlet="space-policy-wire",
        path="/wire/insurers-ask-for-one-vocabulary",
        day=1,
        title="Insurers ask for one vocabulary on close approaches",
        authors=("Samuel Thorne",),
        hours_ago=36.5,
        language="en",
        says="In the oldest policy a near miss is anything that frightens the operator.",
    ),
    # Only the title, which is all capitals, names it.
    Truth(
        outlet="space-policy-wire",
        path="/wire/japan-joins-talks",
        day=2,
        title="JAPAN JOINS CSPO TALKS",
        authors=("Beatrice Amankwah",),
        hours_ago=6.9,
        language="en",
        says="Tokyo brings a list of its own, made with a telescope in the south of the country",
        watches=(CSPO,),
    ),
    # Only the last paragraph names it.
    Truth(
        outlet="space-policy-wire",
        path="/wire/who-watches-the-watchers",
        day=2,
        title="Opinion: Who watches the watchers in geostationary orbit?",
        authors=("Samuel Thorne",),
        hours_ago=3.2,
        language="en",
        says="A forum such as CSpO can share tracking data among ten members",
        beside=("JAPAN JOINS CSPO TALKS",),
        watches=(CSPO,),
    ),
    Truth(
        outlet="wellington-post",
        path="/nz/harbour-ferry-sunday-timetable",
        day=1,
        title="Harbour ferry trial moves to a Sunday timetable",
        authors=("Aroha Whitcombe",),
        hours_ago=57.9,
        language="en",
        says="it carried more bicycles than the council had thought there were in Wellington",
    ),
    Truth(
        outlet="wellington-post",
        path="/nz/dark-sky-reserve-dim-the-lights",
        day=1,
        title="Dark-sky reserve asks satellite firms to dim the lights",
        authors=("Callum Reid",),
        hours_ago=30.8,
        language="en",
        says="In winter one picture in twelve was spoiled; in spring it was one in nine.",
    ),
    # Word for word the Orbital Ledger's copy.
    Truth(
        outlet="wellington-post",
        path="/nz/wellington-statement-warning-times",
        day=2,
        title="Wellington statement sets warning times for military satellites",
        authors=("Jonah Adeyemi", "Marta Lindqvist"),
        hours_ago=8.1,
        language="en",
        says="members of the Combined Space Operations initiative (CSpO) signed a joint statement",
        watches=(CSPO,),
    ),
    Truth(
        outlet="wellington-post",
        path="/nz/officials-to-brief-pacific-partners",
        day=2,
        title="Officials to brief Pacific partners on satellite notices",
        authors=("Callum Reid",),
        hours_ago=1.6,
        language="en",
        says="Officials who took part in the Combined Space Operations talks will explain the new",
        watches=(CSPO,),
        readable="refused",
    ),
    Truth(
        outlet="uchu-boei-shimpo",
        path="/articles/2417",
        day=1,
        title="小型衛星「みさご3号」、試験電波の受信に成功",
        authors=("高瀬 美緒",),
        hours_ago=50.6,
        language="ja",
        says="衛星は一辺が二十センチの箱型で、重さは約八キロ。",
    ),
    Truth(
        outlet="uchu-boei-shimpo",
        path="/articles/2431",
        day=2,
        title="多国間の宇宙運用：十か国が警告様式の統一で合意",
        authors=("高瀬 美緒", "三枝 隼人"),
        hours_ago=8.8,
        language="ja",
        says="連合宇宙作戦（CSpO）イニシアチブに参加する十か国は、警告の様式を統一することで合意した。",
        watches=(CSPO,),
    ),
    Truth(
        outlet="agile-trades-weekly",
        path="/p/why-our-monday-stand-up-moved-to-tuesday",
        day=1,
        title="Why our Monday stand-up moved to Tuesday",
        authors=("Dana Kowalczyk",),
        hours_ago=44.4,
        language="en",
        says="What worked was not Tuesday, they say, but asking.",
    ),
    # A rival meaning, in other capitals.
    Truth(
        outlet="agile-trades-weekly",
        path="/p/cspo-certification-two-days-in-a-room",
        day=2,
        title="CSPO certification: are two days in a room still enough?",
        authors=("Dana Kowalczyk",),
        hours_ago=5.9,
        language="en",
        says="that is how most people become a Certified Scrum Product Owner",
    ),
    Truth(
        outlet="kiosque-bd",
        path="/critiques/le-festival-de-montauban-devoile-son-affiche",
        day=1,
        title="Le festival de la bulle de Montauban dévoile son affiche",
        authors=("Ophélie Sarrazin",),
        hours_ago=38.2,
        language="fr",
        says="La clarinette est venue toute seule, le chat a suivi.",
    ),
    # Another word, in both spellings.
    Truth(
        outlet="kiosque-bd",
        path="/critiques/asterix-trois-planches-retrouvees",
        day=2,
        title="Astérix : trois planches d’essai retrouvées dans un carton à chapeaux",
        authors=("Ophélie Sarrazin",),
        hours_ago=4.1,
        language="fr",
        says="Dans la dernière case, Asterix a perdu son accent, comme sur les couvertures étrangères.",
    ),
    Truth(
        outlet="nordlicht-zeitung",
        path="/artikel/werft-legt-forschungsschiff-auf-kiel",
        day=1,
        title="Werft legt ein Forschungsschiff auf Kiel, das leiser sein soll als ein Wal",
        authors=("Wiebke Petersen",),
        hours_ago=55.0,
        language="de",
        says="stehen ihre Maschinen auf Gummi und ihre Pumpen in einem Kasten aus Kork",
    ),
    Truth(
        outlet="nordlicht-zeitung",
        path="/artikel/sternwarte-oeffnet-ihr-archiv",
        day=1,
        title="Sternwarte öffnet ihr Archiv: 4.000 Glasplatten, ein Putzlappen",
        authors=("Jörn Hansen",),
        hours_ago=28.3,
        language="de",
        says="Wer einen vergessenen Kometen findet, darf ihn auf einer Tafel im Treppenhaus verewigen.",
    ),
)

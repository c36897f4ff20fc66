"""Plain categories of the shop's articles, told by the words of their descriptions."""

import re
from typing import Final

MOST: Final = 3
BILLING: Final = ("BANK CHARGES", "CRUK", "D", "M")
SHIPPING: Final = ("C2", "DOT", "POST")

WORDS: Final[dict[str, str]] = {
    "christmas": "ADVENT BAUBLE BAUBLES CHRISTMAS REINDEER SANTA SNOWFLAKE XMAS",
    "lighting": "CANDLE CANDLES CANDLEHOLDER CANDLESTICK LAMP LAMPSHADE LANTERN LANTERNS LIGHT LIGHTS TORCH",
    "bags": "BAG BAGS BACKPACK HANDBAG PURSE SHOPPER WALLET",
    "kitchen": "APRON BAKING BOWL CAKE CAKESTAND CUTLERY JAM JAR JELLY KITCHEN MOULDS NAPKINS OVEN PANTRY "
    "PLATE RECIPE SCALES SPOON TEA TEACUP TEACUPS TEAPOT TEASPOONS CASES",
    "drinks": "BOTTLE COFFEE COASTER COASTERS CUP CUPS GLASS MUG MUGS WATER WINE",
    "lunch": "LUNCH LUNCHBOX PICNIC SNACK",
    "party": "BALLOON BALLOONS BIRTHDAY BUNTING GARLAND PARTY STREAMER",
    "stationery": "CARD CARDS CHALK ERASER NOTEBOOK PAPER PEN PENCIL PENCILS POSTCARD STAMP STICKER STICKERS",
    "wrapping": "GIFT RIBBON RIBBONS TAPE TISSUE WRAP",
    "garden": "BIRD BIRDHOUSE FLOWER FLOWERS GARDEN GNOME PLANT PLANTER PLASTERS TROWEL WATERING",
    "children": "BABY BOY BOYS CHILD CHILDREN CHILDRENS CHILDS DOLL DOLLY GIRL GIRLS KIDS PLAYING PUPPET "
    "SKIPPING SOLDIER SPACEBOY TOY TOYS",
    "jewellery": "BRACELET BROOCH EARRINGS JEWELLERY NECKLACE RING TRINKET",
    "storage": "BASKET BOX BOXES CABINET CHEST DRAWER DRAWERS HOOK HOOKS RACK STORAGE TIN TINS",
    "textiles": "BLANKET CUSHION CUSHIONS DOORMAT FELT FELTCRAFT PADS QUILT RUG TOWEL",
    "decoration": "CLOCK DECORATION DECORATIONS FRAME HANGING HEART HEARTS MIRROR ORNAMENT SIGN WREATH",
    "travel": "LUGGAGE PASSPORT TRAVEL UMBRELLA",
}
"""Category to the words of a description that put an article there; the first three that fit count."""

_WORD: Final = re.compile(r"[A-Z]+")
_NOT_A_LIGHT: Final = re.compile(r"LIGHT (BLUE|BROWN|GREEN|PINK)")


def categories_of(sku: str, description: str) -> list[str]:
    """At most three categories of an article, in the order of the table; none is possible."""
    if sku in BILLING:
        return ["billing"]
    if sku in SHIPPING:
        return []
    words = set(_WORD.findall(_NOT_A_LIGHT.sub("", description.upper())))
    return [name for name, known in WORDS.items() if not words.isdisjoint(known.split())][:MOST]


def kind_of(sku: str) -> str:
    """The kind of a line: shipping or product."""
    return "shipping" if sku in SHIPPING else "product"

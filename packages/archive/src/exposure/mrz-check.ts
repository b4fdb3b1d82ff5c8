/**
 * Check digits of machine-readable zones (ICAO Doc 9303 part 3 §4.9): weights 7, 3, 1; letters count from 10, the filler `<` as 0.
 */
const WEIGHTS = [7, 3, 1] as const;

function valueOf(character: string): number {
  if (character === "<") return 0;
  const code = character.charCodeAt(0);
  return code <= 57 ? code - 48 : code - 55;
}

export function checkDigitOf(field: string): number {
  let sum = 0;
  for (let at = 0; at < field.length; at++) sum += valueOf(field.charAt(at)) * (WEIGHTS[at % 3] ?? 1);
  return sum % 10;
}

/** Issuing states and organisations (ICAO Doc 9303 part 3 §5): ISO 3166-1 alpha-3, and those that are only there. */
const STATES = new Set(
  (
    "ABW AFG AGO AIA ALA ALB AND ARE ARG ARM ASM ATA ATF ATG AUS AUT AZE BDI BEL BEN BES BFA BGD BGR BHR BHS BIH BLM BLR BLZ BMU BOL BRA BRB BRN BTN BVT BWA " +
    "CAF CAN CCK CHE CHL CHN CIV CMR COD COG COK COL COM CPV CRI CUB CUW CXR CYM CYP CZE DEU DJI DMA DNK DOM DZA ECU EGY ERI ESH ESP EST ETH FIN FJI FLK FRA " +
    "FRO FSM GAB GBR GEO GGY GHA GIB GIN GLP GMB GNB GNQ GRC GRD GRL GTM GUF GUM GUY HKG HMD HND HRV HTI HUN IDN IMN IND IOT IRL IRN IRQ ISL ISR ITA JAM JEY " +
    "JOR JPN KAZ KEN KGZ KHM KIR KNA KOR KWT LAO LBN LBR LBY LCA LIE LKA LSO LTU LUX LVA MAC MAF MAR MCO MDA MDG MDV MEX MHL MKD MLI MLT MMR MNE MNG MNP MOZ " +
    "MRT MSR MTQ MUS MWI MYS MYT NAM NCL NER NFK NGA NIC NIU NLD NOR NPL NRU NZL OMN PAK PAN PCN PER PHL PLW PNG POL PRI PRK PRT PRY PSE PYF QAT REU ROU RUS " +
    "RWA SAU SDN SEN SGP SGS SHN SJM SLB SLE SLV SMR SOM SPM SRB SSD STP SUR SVK SVN SWE SWZ SXM SYC SYR TCA TCD TGO THA TJK TKL TKM TLS TON TTO TUN TUR TUV " +
    "TWN TZA UGA UKR UMI URY USA UZB VAT VCT VEN VGB VIR VNM VUT WLF WSM YEM ZAF ZMB ZWE D<< EUE GBD GBN GBO GBP GBS RKS UNA UNK UNO UTO XAA XBA XCC XCE XCO " +
    "XDC XEC XES XIM XMP XOM XPO XXA XXB XXC"
  ).split(" "),
);

/** Three X: not told. */
export const isState = (code: string): boolean => STATES.has(code) || /^X{3}$/.test(code);

/** Looking into the small trees of a page. They are at most 200 deep. */
import type { HtmlNode } from "./html-blocks.ts";

export function hasClass({ attributes }: Pick<HtmlNode, "attributes">, name: string): boolean {
  return ` ${attributes["class"] ?? ""} `.includes(` ${name} `);
}

/** The first one below, in the order of the page. */
export function findNode(node: HtmlNode, isIt: (node: HtmlNode) => boolean): HtmlNode | undefined {
  for (const child of node.children) {
    if (typeof child === "string") continue;
    if (isIt(child)) return child;
    const found = findNode(child, isIt);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** All below, also those inside of others. */
export function findNodes(node: HtmlNode, isIt: (node: HtmlNode) => boolean): HtmlNode[] {
  return node.children.flatMap((child) => {
    if (typeof child === "string") return [];
    return isIt(child) ? [child, ...findNodes(child, isIt)] : findNodes(child, isIt);
  });
}

const LINES = new Set(["div", "p", "li", "tr"]);

/** As it reads: line breaks at `br` and between blocks; without what `isLeftOut` says. */
export function textOf(node: HtmlNode, isLeftOut: (node: HtmlNode) => boolean = () => false): string {
  return piecesOf(node, isLeftOut)
    .join("")
    .replaceAll(/[ \t\r]*\n[ \t\r\n]*/g, "\n")
    .trim();
}

function piecesOf(node: HtmlNode, isLeftOut: (node: HtmlNode) => boolean): string[] {
  return node.children.flatMap((child) => {
    if (typeof child === "string") return [child.replaceAll(/[\n\r\t ]+/g, " ")];
    if (isLeftOut(child)) return [];
    if (child.name === "br") return ["\n"];
    const pieces = piecesOf(child, isLeftOut);
    return LINES.has(child.name) ? [...pieces, "\n"] : pieces;
  });
}

/** One text for one tree, to be hashed. */
export function asJsonText(node: HtmlNode): string {
  return JSON.stringify(valueOf(node));
}

function valueOf({ name, attributes, children }: HtmlNode): unknown {
  return [name, attributes, children.map((child) => (typeof child === "string" ? child : valueOf(child)))];
}

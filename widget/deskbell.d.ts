// What the widget's loader puts into a shop's page, for TypeScript and for editors. It declares one global, `deskbell`.
// Copy it into your project, or refer to it: /// <reference path="./deskbell.d.ts" />

declare namespace Deskbell {
  /** What the chat opens with. */
  interface Opening {
    /** `"ticket"`: the form for a message that is answered by e-mail. */
    view?: "chat" | "ticket";
    /** What stands in the composer. Nothing is sent. */
    text?: string;
  }

  /** A token signed on the shop's server with the site's secret: see `widget/examples/identify`. */
  interface Statement {
    token: string;
  }

  /** Other names are ignored, and so is what the browser does not take for a colour, a length or a font. */
  interface Theme {
    scheme?: "auto" | "light" | "dark";
    "--c-primary"?: string;
    "--c-on-primary"?: string;
    "--c-bg"?: string;
    "--c-surface"?: string;
    "--c-text"?: string;
    "--c-muted"?: string;
    "--c-line"?: string;
    "--c-danger"?: string;
    "--c-ok"?: string;
    "--c-radius"?: string;
    "--c-font"?: string;
  }

  interface Item {
    sku?: string;
    title: string;
    qty?: number;
    price?: number;
    currency?: string;
    url?: string;
    img?: string;
  }

  /** At most 50 items and 16 KB as JSON. Agents see it as “reported by the browser”. */
  interface Cart {
    items: Item[];
    /** Needed where the site's rules look at what the cart is worth. */
    total?: number;
    currency?: string;
  }

  interface Page {
    /** The page's own address, if none is given. Its query is taken out but for what the site keeps. */
    url?: string;
    /** The document's title, if none is given. */
    title?: string;
  }

  type State =
    | "loading"
    | "start"
    | "queued"
    | "chatting"
    | "left"
    | "away"
    | "thanks"
    | "chat"
    | "ended"
    | "blocked"
    | "error";

  /** What each event hands over. */
  interface Events {
    /** The launcher is there. */
    ready: undefined;
    open: undefined;
    close: undefined;
    /** How many messages wait to be read. */
    unread: number;
    /** What the panel shows; other words may join these. */
    state: State | (string & {});
    message: { role: "shopper" | "agent"; body: string };
    /** Whom the shopper talks with; no name while it is nobody. */
    agent: { name?: string };
    /** `identity`: the token was bad or expired, and the shopper stays anonymous. `unreachable`: the chat did not answer. */
    error: { code: "identity" | "unreachable" | (string & {}) };
    /** The shopper pressed “Add to cart” on a product's card. */
    addToCart: { sku: string; url: string; title: string };
    rate: { score: 1 | 2 | 3 | 4 | 5 };
    destroy: undefined;
  }

  type Off = () => boolean;

  /** Every call, as `deskbell.open()` and as `deskbell("open")`. None of them throws. */
  interface Calls {
    /** Opens the chat and moves the focus into it. */
    open(how?: Opening): void;
    /** Closes it and gives the focus back. */
    close(): void;
    toggle(): void;
    /** Shows the launcher again. */
    show(): void;
    /** Takes the launcher away; all calls still work. */
    hide(): void;
    /** Proves who the shopper is. What they wrote anonymously moves to them, once. */
    identify(who: Statement): void;
    /** Forgets token, draft and history in this browser, in all tabs. Call it when the shopper signs out of the shop. */
    logout(): void;
    /** A language tag such as `"de"` or `"pt-BR"`; the nearest of the widget's languages is taken. */
    setLocale(tag: string): void;
    setTheme(theme: Theme): void;
    /** Replaces the cart that agents see. `null` empties it. */
    setCart(cart: Cart | null): void;
    /** Replaces the fields that agents see beside the shopper. */
    setFields(fields: Record<string, string | number | boolean | null>): void;
    /** Notes a page; needed only where the address does not change with it. */
    page(page?: Page): void;
    /** Notes what happened, among the pages: `track("coupon failed", { code: "SPRING" })`. */
    track(name: string, data?: unknown): void;
    /** Opens the chat and sends this as the shopper. Only from within a click or a key press. */
    send(text: string): void;
    /** Hears of something until the function that comes back is called (which does not, of a call before loading). */
    on<Name extends keyof Events>(name: Name, hear: (detail: Events[Name]) => void): Off;
    /** With `data-consent="wait"`: nothing is stored or loaded before `true`. `false` takes everything back. */
    consent(given: boolean): void;
    /** Removes the widget and whatever it attached to the page. Embedding it again works. */
    destroy(): void;
  }

  interface Api extends Calls {
    <Method extends keyof Calls>(
      method: Method,
      ...args: Parameters<Calls[Method]>
    ): ReturnType<Calls[Method]> | undefined;
    /** What was called before the script had come. */
    q?: ArrayLike<unknown>[];
  }
}

declare const deskbell: Deskbell.Api;

interface Window {
  deskbell?: Deskbell.Api;
}

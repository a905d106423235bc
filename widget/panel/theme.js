// The shop's colours. Only known names, only values the browser understands, only through the style object.

const known = /^--c-(primary|on-primary|bg|surface|text|muted|line|danger|ok|radius|font)$/;
const checks = { "--c-radius": "border-radius", "--c-font": "font-family" };

export function dress(theme) {
  const { style } = document.documentElement;
  for (const name in theme) {
    const value = theme[name];
    if (known.test(name) && CSS.supports(checks[name] ?? "color", value)) style.setProperty(name, value);
  }
  style.colorScheme = theme.scheme === "auto" ? "light dark" : theme.scheme;
}

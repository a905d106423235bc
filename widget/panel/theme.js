// The shop's colours. Only known names, only values the browser understands, only through the style object.

const checks = { "--c-radius": "border-radius", "--c-font": "font-family" };
const names = ["primary", "on-primary", "bg", "surface", "text", "muted", "line", "danger", "ok", "radius", "font"];

export function dress(theme) {
  const { style } = document.documentElement;
  for (const name of names.map((short) => `--c-${short}`)) {
    const value = theme[name];
    if (value && CSS.supports(checks[name] ?? "color", value)) style.setProperty(name, value);
  }
  style.colorScheme = theme.scheme === "auto" ? "light dark" : theme.scheme;
}

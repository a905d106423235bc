// The half of the panel that a first look does not need: fetched when a chat begins, so that it is there when the
// chat ends or the network turns bad.

let loading = null;

export function late() {
  loading ??= import("./late.js").catch((error) => {
    loading = null;
    throw error;
  });
  return loading;
}

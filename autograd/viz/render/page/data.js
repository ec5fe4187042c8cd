// The data of the page, of large ones unpacked (render/packed.py packs them).

function readData() {
  const text = document.getElementById("data").textContent;
  if (text[0] === "{") return JSON.parse(text);
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(inflated(bytes)));
}

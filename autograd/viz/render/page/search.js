// Search by the names that are shown: a list of hits; Enter jumps to one after another.

const MOST_HITS = 60; // in the list

// An entry is { kind, name, more, nodes, jump }: what is read, searched, marked and done.
function makeSearch(entries) {
  const field = document.getElementById("search"), list = document.getElementById("hits");
  const found = document.getElementById("found");
  const plain = (text) => text.normalize("NFKC").toLowerCase(); // x₁ is found by x1
  for (const entry of entries) entry.words = plain(`${entry.name} ${entry.more}`);
  let hits = [], at = 0, isThere = false; // isThere: Enter has jumped to the one that is chosen

  function look() {
    const terms = plain(field.value).split(/\s+/).filter(Boolean);
    for (const entry of hits) for (const node of entry.nodes) node.classList.remove("hit");
    hits = terms.length ? entries.filter((e) => terms.every((t) => e.words.includes(t))) : [];
    hits.sort((a, b) => rank(a, terms[0]) - rank(b, terms[0]));
    for (const entry of hits) for (const node of entry.nodes) node.classList.add("hit");
    found.textContent = terms.length ? `${hits.length} found` : "";
    [at, isThere] = [0, false];
    list.replaceChildren(...hits.slice(0, MOST_HITS).map(item));
    if (hits.length > MOST_HITS) {
      const rest = document.createElement("li");
      rest.textContent = `and ${hits.length - MOST_HITS} more: Enter goes through all`;
      rest.className = "muted";
      list.append(rest);
    }
    open(hits.length > 0);
    choose(0);
  }

  // What is called so, then what begins so, then all that has it somewhere.
  function rank(entry, term) {
    const name = plain(entry.name);
    return name === term ? 0 : name.startsWith(term) ? 1 : 2;
  }

  function item(entry, place) {
    const line = document.createElement("li"), kind = document.createElement("span");
    line.id = `hit${place}`;
    line.setAttribute("role", "option");
    kind.className = "muted";
    kind.textContent = ` ${entry.kind}`;
    line.append(entry.name, kind);
    line.addEventListener("pointerdown", (event) => event.preventDefault()); // the field stays
    line.addEventListener("click", () => { choose(place); jump(); });
    return line;
  }

  function open(isOpen) {
    list.hidden = !isOpen;
    field.setAttribute("aria-expanded", String(isOpen));
  }

  function choose(place) {
    at = hits.length ? (place + hits.length) % hits.length : 0;
    isThere = false;
    for (const line of list.querySelectorAll("[role=option]"))
      line.setAttribute("aria-selected", String(line.id === `hit${at}`));
    const line = document.getElementById(`hit${at}`);
    if (line) line.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", line ? line.id : "");
  }

  function jump() {
    if (!hits.length) return;
    if (isThere) choose(at + 1);
    isThere = true;
    open(false);
    found.textContent = `${at + 1} of ${hits.length}`;
    hits[at].jump();
  }

  field.addEventListener("input", look);
  field.addEventListener("blur", () => open(false));
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // Enter ends a syllable, not the search
    const act = {
      Enter: jump, Escape: () => field.blur(),
      ArrowDown: () => { open(hits.length > 0); choose(at + 1); },
      ArrowUp: () => { open(hits.length > 0); choose(at - 1); },
    }[event.key];
    if (act) { event.preventDefault(); act(); }
  });

  return { focus: () => { field.focus(); field.select(); } };
}

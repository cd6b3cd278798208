(() => {
  const box = document.getElementById("search");
  const count = document.getElementById("found");
  const entries = Array.from(document.querySelectorAll("[data-entry]"));
  const texts = entries.map((entry) => entry.textContent.toLowerCase());
  const whole = document.querySelectorAll("[data-whole]");
  const links = new Map();
  document.querySelectorAll("nav a").forEach((link) => {
    links.set(link.hash.slice(1), link.parentElement);
  });
  const show = () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    entries.forEach((entry, index) => {
      entry.hidden = !words.every((word) => texts[index].includes(word));
      found += entry.hidden ? 0 : 1;
      if (links.has(entry.id)) {
        links.get(entry.id).hidden = entry.hidden;
      }
    });
    whole.forEach((part) => { part.hidden = words.length > 0; });
    count.textContent = words.length ? `${found} of ${entries.length}` : "";
  };
  box.parentElement.hidden = false;
  box.addEventListener("input", show);
  show();
})();

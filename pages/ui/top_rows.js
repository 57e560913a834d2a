/* A table of the page itself: headings, figures on the right, and in each row a link that the deck follows. */
export default function ({ data, parentElement, setTriggerValue }) {
  const table = parentElement.querySelector("table");
  const held = parentElement.activeElement?.dataset.id;
  table.setAttribute("aria-label", data.what);
  table.tHead.rows[0].replaceChildren(...data.columns.map(heading));
  table.tBodies[0].replaceChildren(...data.rows.map(line));
  [...table.querySelectorAll("a")].find((link) => link.dataset.id === held)?.focus();

  function heading(column) {
    const cell = made("th", column);
    cell.scope = "col";
    cell.textContent = column.label;
    if (column.help) cell.title = column.help;
    return cell;
  }

  function line(row) {
    const drawn = document.createElement("tr");
    drawn.append(...row.cells.map((cell, at) => (at ? plain(cell, data.columns[at]) : name(row, cell))));
    drawn.onclick = (event) => {
      const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey; // a new tab or window: the browser's own
      if (elsewhere && event.target.closest("a")) return;
      event.preventDefault();
      if (!getSelection().toString()) setTriggerValue("opened", row.id);
    };
    return drawn;
  }

  function name(row, cell) {
    const link = document.createElement("a");
    link.href = row.href;
    link.dataset.id = row.id;
    link.textContent = cell.text;
    const drawn = made("th", data.columns[0]);
    drawn.scope = "row";
    drawn.translate = false;
    drawn.append(link);
    return drawn;
  }

  function plain(cell, column) {
    const drawn = made("td", column);
    if (cell.title) drawn.title = cell.title;
    if (!cell.fill) {
      drawn.textContent = cell.text;
      return drawn;
    }
    const chip = document.createElement("span");
    chip.className = "chip";
    chip.style.background = cell.fill;
    chip.textContent = cell.text;
    drawn.append(chip);
    return drawn;
  }

  function made(tag, column) {
    const cell = document.createElement(tag);
    cell.classList.toggle("figure", column.figure);
    cell.classList.toggle("aside", column.aside);
    return cell;
  }
}

"use strict";
// Keeps what is filled in on this device and hands it over as the CSV file that `arrears visits outcomes` reads. Nothing is sent anywhere.
(function () {
  var main = document.querySelector("main"), place = "arrears-round-" + main.dataset.round, told = document.getElementById("told");
  var columns = main.dataset.columns.split(","), offset = main.dataset.offset;
  function each(visit) { document.querySelectorAll("fieldset[data-key]").forEach(visit); }
  function fields(set) { return set.querySelectorAll("[data-column]"); }
  function read() {
    var all = {};
    each(function (set) { fields(set).forEach(function (field) {
      if (field.value) { (all[set.dataset.key] = all[set.dataset.key] || {})[field.dataset.column] = field.value; }
    }); });
    return all;
  }
  function keep() {
    try { localStorage.setItem(place, JSON.stringify(read())); told.textContent = told.dataset.kept; }
    catch (error) { told.textContent = told.dataset.notKept; }
  }
  function restore() {
    var all;
    try { all = JSON.parse(localStorage.getItem(place) || "{}"); } catch (error) { return; }
    each(function (set) { fields(set).forEach(function (field) {
      var known = all[set.dataset.key] || {};
      if (known[field.dataset.column]) { field.value = known[field.dataset.column]; }
    }); });
  }
  function cell(text) { return /[",\r\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text; }
  function file() {
    var all = read(), lines = [columns.join(",")];
    Object.keys(all).forEach(function (key) {
      if (!all[key].code) { return; }
      var row = all[key];
      // times are filled in on the crew's clock; the file wants them with their offset
      var whole = { key: key, at: row.at ? main.dataset.on + "T" + row.at + ":00" + offset : "", callback: row.callback ? row.callback + ":00" + offset : "" };
      lines.push(columns.map(function (name) { return cell(name in whole ? whole[name] : row[name] || ""); }).join(","));
    });
    return "\ufeff" + lines.join("\r\n") + "\r\n";
  }
  function save() {
    var link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([file()], { type: "text/csv" }));
    link.download = main.dataset.round + "-outcomes.csv";
    link.click();
    URL.revokeObjectURL(link.href);
  }
  function clear() {
    try { localStorage.removeItem(place); } catch (error) { /* nothing was kept */ }
    each(function (set) { fields(set).forEach(function (field) { field.value = ""; }); });
    told.textContent = told.dataset.cleared;
  }
  restore();
  document.addEventListener("input", keep);
  document.getElementById("save").addEventListener("click", save);
  document.getElementById("clear").addEventListener("click", clear);
  document.querySelector(".actions").hidden = false;
})();

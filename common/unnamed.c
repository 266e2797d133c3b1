// SPDX-License-Identifier: MIT
//
// See unnamed.h. To add a desktop's words: a row.
#include "common/unnamed.h"

#include <glib.h>
#include <string.h>

// What Explorer, Finder and Nautilus call a new folder: NFC, any case, a number behind it is cut.
static const char *const unnamed[] = {
    "new folder",
    "new directory",
    "untitled folder", // English
    "neuer ordner",
    "unbenannter ordner", // German
    "nouveau dossier",
    "dossier sans titre", // French
    "nueva carpeta",
    "carpeta nueva",
    "carpeta sin título", // Spanish
    "nuova cartella",
    "cartella senza titolo",
    "cartella senza nome", // Italian
    "nova pasta",
    "pasta sem título",
    "pasta sem nome", // Portuguese
    "nieuwe map",
    "naamloze map", // Dutch
    "nowy folder",
    "folder bez nazwy",
    "nowy katalog", // Polish
    "новая папка",
    "папка без названия",
    "безымянная папка", // Russian
    "нова папка",       // Ukrainian, Bulgarian
    "新しいフォルダー",
    "新しいフォルダ",
    "名称未設定フォルダ", // Japanese
    "新建文件夹",
    "未命名文件夹",
    "新增資料夾",
    "未命名檔案夾", // Chinese
    "새 폴더",
    "무제 폴더", // Korean
    "nová složka",
    "nový priečinok",
    "új mappa", // Czech, Slovak, Hungarian
    "ny mapp",
    "ny mappe",
    "namnlös mapp",
    "unavngivet mappe", // Swedish, Danish, Norwegian
    "uusi kansio",
    "nimetön kansio", // Finnish
    "yeni klasör",
    "adsız klasör", // Turkish
    "νέος φάκελος",
    "folder nou",
    "dosar nou", // Greek, Romanian
};

/** Cut " (2)" or " 2" off the end of @name. */
static void cut_number(char *name) {
    size_t length = strlen(name);
    bool bracket = length > 0 && name[length - 1] == ')';
    size_t at = length - bracket;
    while (at > 0 && g_ascii_isdigit(name[at - 1])) {
        at--;
    }
    if (at == length - bracket) {
        return;
    }
    const char *head = bracket ? " (" : " ";
    size_t head_length = strlen(head);
    if (at > head_length && strncmp(name + at - head_length, head, head_length) == 0) {
        name[at - head_length] = '\0';
    }
}

bool dm_name_is_unnamed(const char *name) {
    if (!g_utf8_validate(name, -1, NULL)) {
        return false;
    }
    // Finder writes decomposed characters.
    g_autofree char *composed = g_utf8_normalize(name, -1, G_NORMALIZE_DEFAULT_COMPOSE);
    g_autofree char *lower = g_utf8_strdown(composed, -1);
    cut_number(lower);
    for (size_t i = 0; i < G_N_ELEMENTS(unnamed); i++) {
        if (strcmp(lower, unnamed[i]) == 0) {
            return true;
        }
    }
    return false;
}

<#-- What license-maven-plugin fills in: every library that the program or its demonstration brings along. -->
mapstorm
Copyright 2026 the mapstorm authors

Licensed under the Apache License, Version 2.0, see META-INF/LICENSE.

It is distributed with the libraries below, each under a license of its own. Their texts, and notices that their authors
ask to be passed on, are in their jars. sqlite-jdbc holds SQLite, which is in the public domain. The embedded-postgres
binaries are for "mapstorm cluster demo" alone and hold PostgreSQL (PostgreSQL License) with the libraries that it is
linked with, among them OpenSSL, ICU, libxml2, libxslt, zlib and liblzma.

<#list dependencyMap as entry>
<#assign project = entry.getKey()/>
${project.groupId}:${project.artifactId} ${project.version}
    ${entry.getValue()?join(", ")}<#if project.url?has_content>  ${project.url}</#if>
</#list>
